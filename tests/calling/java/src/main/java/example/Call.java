// SPDX-License-Identifier: Apache-2.0

package example;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import com.uid2.identity.v1.GenerateIdentityRequest;
import com.uid2.identity.v1.GenerateIdentityResponse;
import com.uid2.identity.v1.IdentityServiceGrpc;
import com.uid2.identity.v1.IdentityServiceGrpc.IdentityServiceBlockingStub;
import com.uid2.identity.v1.RefreshIdentityRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

public final class Call {
  private static final int DEADLINE_SECONDS = 1;

  public static void main(String[] arguments) throws IOException {
    ChannelCredentials credentials =
        arguments.length > 2
            ? mutualTls(arguments[2], arguments[3], arguments[4])
            : InsecureChannelCredentials.create();
    // A web tier shares one for the whole process.
    ManagedChannel channel = Grpc.newChannelBuilder(arguments[0], credentials).build();
    try {
      call(IdentityServiceGrpc.newBlockingStub(channel), arguments[1]);
    } catch (StatusRuntimeException error) {
      System.err.println(error.getStatus().getCode() + reasons(StatusProto.fromThrowable(error)));
      System.exit(1);
    } finally {
      channel.shutdownNow();
    }
  }

  /**
   * The authority of the server's certificate, and this client's certificate and key: PEM files,
   * which are read once. The key is in PKCS #8 ("BEGIN PRIVATE KEY").
   */
  private static ChannelCredentials mutualTls(String ca, String certificate, String key)
      throws IOException {
    return TlsChannelCredentials.newBuilder()
        .trustManager(new File(ca))
        .keyManager(new File(certificate), new File(key))
        .build();
  }

  private static void call(IdentityServiceBlockingStub service, String email) {
    // A deadline starts when it is set: set it for each call, not once for the stub.
    GenerateIdentityResponse generated =
        service
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .generateIdentity(GenerateIdentityRequest.newBuilder().setEmail(email).build());
    if (generated.getOutcome() != GenerateIdentityResponse.Outcome.ISSUED) {
      System.out.println(generated.getOutcome());
      return;
    }
    String json = generated.getIdentity().getJson();
    System.out.println(json);
    System.out.println(
        service
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .refreshIdentity(RefreshIdentityRequest.newBuilder().setIdentityJson(json).build())
            .getOutcome());
  }

  /** The reason, the fields at fault and the milliseconds to wait, if the error has them. */
  private static String reasons(Status status) throws InvalidProtocolBufferException {
    StringBuilder words = new StringBuilder();
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        words.append(' ').append(detail.unpack(ErrorInfo.class).getReason());
      } else if (detail.is(BadRequest.class)) {
        detail
            .unpack(BadRequest.class)
            .getFieldViolationsList()
            .forEach(violation -> words.append(' ').append(violation.getField()));
      } else if (detail.is(RetryInfo.class)) {
        long wait = Durations.toMillis(detail.unpack(RetryInfo.class).getRetryDelay());
        words.append(" retry in ").append(wait).append(" ms");
      }
    }
    return words.toString();
  }

  private Call() {}
}
