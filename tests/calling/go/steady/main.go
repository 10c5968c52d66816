// SPDX-License-Identifier: Apache-2.0

// Command steady calls replicas at a steady rate, and prints the code of each call. It ends with
// stdin.
//
//	steady HOST:PORT,HOST:PORT... SERVICE_CONFIG     the config is JSON, or empty for none
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	identityv1 "example.com/call/uid2/identity/v1"
)

const (
	deadline = 10 * time.Second
	interval = 20 * time.Millisecond
)

func main() {
	target, options := os.Args[1], []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	}
	if addresses := strings.Split(target, ","); len(addresses) > 1 {
		replicas := manual.NewBuilderWithScheme("replicas")
		state := resolver.State{}
		for _, address := range addresses {
			state.Addresses = append(state.Addresses, resolver.Address{Addr: address})
		}
		replicas.InitialState(state)
		target, options = "replicas:///all", append(options, grpc.WithResolvers(replicas))
	}
	if config := os.Args[2]; config != "" {
		options = append(options, grpc.WithDefaultServiceConfig(config))
	}
	connection, err := grpc.NewClient(target, options...)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	run(identityv1.NewIdentityServiceClient(connection))
}

func run(service identityv1.IdentityServiceClient) {
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	ticker := time.NewTicker(interval)
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			calls.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), deadline)
				defer cancel()
				request := &identityv1.GenerateIdentityRequest{Email: "user@example.com"}
				_, err := service.GenerateIdentity(ctx, request)
				fmt.Println(int(status.Code(err)))
			})
		}
	}
}
