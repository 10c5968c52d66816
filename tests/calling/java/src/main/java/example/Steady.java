// SPDX-License-Identifier: Apache-2.0

package example;

import com.google.gson.Gson;
import com.uid2.identity.v1.GenerateIdentityRequest;
import com.uid2.identity.v1.GenerateIdentityResponse;
import com.uid2.identity.v1.IdentityServiceGrpc;
import com.uid2.identity.v1.IdentityServiceGrpc.IdentityServiceStub;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;

/**
 * Calls replicas at a steady rate, and prints the code of each call. Ends with stdin.
 *
 * <p>Arguments: HOST:PORT,HOST:PORT..., and a service config as JSON, which may be empty for none.
 */
public final class Steady {
  private static final int DEADLINE_SECONDS = 10;
  private static final int INTERVAL_MS = 20;

  public static void main(String[] arguments) throws InterruptedException {
    String target = arguments[0];
    if (target.contains(",")) {
      NameResolverRegistry.getDefaultRegistry().register(new Replicas(target.split(",")));
      target = "replicas:///all";
    }
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(target, InsecureChannelCredentials.create());
    if (!arguments[1].isEmpty()) {
      @SuppressWarnings("unchecked")
      Map<String, ?> config = new Gson().fromJson(arguments[1], Map.class);
      builder.defaultServiceConfig(config);
    }
    ManagedChannel channel = builder.build();
    IdentityServiceStub service = IdentityServiceGrpc.newStub(channel);
    Phaser inFlight = new Phaser(1);
    CountDownLatch ended = new CountDownLatch(1);
    Thread reader = new Thread(() -> awaitEnd(ended));
    reader.setDaemon(true);
    reader.start();
    while (!ended.await(INTERVAL_MS, TimeUnit.MILLISECONDS)) {
      inFlight.register();
      call(service, inFlight);
    }
    inFlight.arriveAndAwaitAdvance();
    channel.shutdownNow();
  }

  private static void awaitEnd(CountDownLatch ended) {
    try {
      System.in.readAllBytes();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } finally {
      ended.countDown();
    }
  }

  private static void call(IdentityServiceStub service, Phaser inFlight) {
    service
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .generateIdentity(
            GenerateIdentityRequest.newBuilder().setEmail("user@example.com").build(),
            new StreamObserver<GenerateIdentityResponse>() {
              @Override
              public void onNext(GenerateIdentityResponse response) {}

              @Override
              public void onError(Throwable error) {
                System.out.println(Status.fromThrowable(error).getCode().value());
                inFlight.arriveAndDeregister();
              }

              @Override
              public void onCompleted() {
                System.out.println(Status.OK.getCode().value());
                inFlight.arriveAndDeregister();
              }
            });
  }
}
