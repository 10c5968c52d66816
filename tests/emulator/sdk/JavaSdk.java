// SPDX-License-Identifier: Apache-2.0

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.uid2.client.IdentityTokens;
import com.uid2.client.PublisherUid2Client;
import com.uid2.client.TokenGenerateInput;
import com.uid2.client.TokenGenerateResponse;
import com.uid2.client.TokenRefreshResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Calls an operator through the public Java SDK, one JSON object a line in, one out. */
public final class JavaSdk {
  private JavaSdk() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonObject reply;
      try {
        reply = respond(JsonParser.parseString(line).getAsJsonObject());
      } catch (RuntimeException error) { // Whatever the SDK throws is what is asked for.
        reply = outcome("error");
        reply.addProperty("error", words(error));
      }
      System.out.println(reply);
    }
    // OkHttp's idle threads would keep the process alive for a minute.
    System.exit(0);
  }

  private static JsonObject respond(JsonObject request) {
    PublisherUid2Client client =
        new PublisherUid2Client(
            text(request, "url"), text(request, "api_key"), text(request, "client_secret"));
    if (request.has("identity")) {
      TokenRefreshResponse response =
          client.refreshToken(IdentityTokens.fromJsonString(text(request, "identity")));
      return response.isOptout() ? outcome("optout") : issued(response.getIdentityJsonString());
    }
    TokenGenerateInput user = user(text(request, "kind"), text(request, "value"));
    if (request.has("consent")) {
      user = user.withTransparencyAndConsentString(text(request, "consent"));
    }
    TokenGenerateResponse response = client.generateTokenResponse(user);
    return response.isOptout() ? outcome("optout") : issued(response.getIdentityJsonString());
  }

  private static String words(Throwable error) {
    String words = error.getClass().getSimpleName() + ": " + error.getMessage();
    return error.getCause() == null ? words : words + " <- " + words(error.getCause());
  }

  private static TokenGenerateInput user(String kind, String value) {
    switch (kind) {
      case "email":
        return TokenGenerateInput.fromEmail(value);
      case "phone":
        return TokenGenerateInput.fromPhone(value);
      case "email_hash":
        return TokenGenerateInput.fromHashedEmail(value);
      case "phone_hash":
        return TokenGenerateInput.fromHashedPhone(value);
      default:
        throw new IllegalArgumentException(kind);
    }
  }

  private static JsonObject issued(String json) {
    IdentityTokens identity = IdentityTokens.fromJsonString(json);
    JsonObject reply = outcome("success");
    reply.addProperty("identity", identity.getJsonString());
    reply.addProperty("refreshable", identity.isRefreshable());
    reply.addProperty("due", identity.isDueForRefresh());
    return reply;
  }

  private static JsonObject outcome(String name) {
    JsonObject reply = new JsonObject();
    reply.addProperty("outcome", name);
    return reply;
  }

  private static String text(JsonObject object, String name) {
    return object.get(name).getAsString();
  }
}
