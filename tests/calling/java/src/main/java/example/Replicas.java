// SPDX-License-Identifier: Apache-2.0

package example;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Resolves any target of the scheme "replicas" to given addresses. */
final class Replicas extends NameResolverProvider {
  private final List<EquivalentAddressGroup> groups = new ArrayList<>();

  /** Takes addresses of the form HOST:PORT. */
  Replicas(String... addresses) {
    for (String address : addresses) {
      int colon = address.lastIndexOf(':');
      int port = Integer.parseInt(address.substring(colon + 1));
      groups.add(
          new EquivalentAddressGroup(new InetSocketAddress(address.substring(0, colon), port)));
    }
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
  }

  @Override
  public String getDefaultScheme() {
    return "replicas";
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
    return new NameResolver() {
      @Override
      public String getServiceAuthority() {
        return "replicas";
      }

      @Override
      public void start(Listener2 listener) {
        listener.onResult(ResolutionResult.newBuilder().setAddresses(groups).build());
      }

      @Override
      public void shutdown() {}
    };
  }
}
