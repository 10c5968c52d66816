// SPDX-License-Identifier: Apache-2.0

// grpc_go_peer is GenerateIdentity in Go, with grpc-go and net/http, for comparison. It does the
// same work for a call as the service, without retries, throttling, admission, metrics and log.
package main

import (
	"encoding/base64"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"google.golang.org/grpc"

	"example.com/grpc_go_peer/identityv1"
)

const usage = "usage: grpc_go_peer OPERATOR_URL CREDENTIALS_DIR THREADS"

func run(operatorURL, credentials string, threads int) error {
	runtime.GOMAXPROCS(threads)
	// The heap is a few megabytes: by default, the collector would run hundreds of times a second.
	debug.SetGCPercent(400)
	apiKey, err := os.ReadFile(filepath.Join(credentials, "api_key"))
	if err != nil {
		return err
	}
	encoded, err := os.ReadFile(filepath.Join(credentials, "client_secret"))
	if err != nil {
		return err
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(encoded)))
	if err != nil {
		return err
	}
	envelope, err := newEnvelope(secret)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	identityv1.RegisterIdentityServiceServer(server, newService(operatorURL, strings.TrimSpace(string(apiKey)), envelope))
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		server.Stop()
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	return server.Serve(listener)
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal(usage)
	}
	threads, err := strconv.Atoi(os.Args[3])
	if err != nil || threads < 1 {
		log.Fatal(usage)
	}
	if err := run(os.Args[1], os.Args[2], threads); err != nil {
		log.Fatal(err)
	}
}
