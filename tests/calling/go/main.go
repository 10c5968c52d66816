// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	identityv1 "example.com/call/uid2/identity/v1"
)

const deadline = time.Second

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, append([]any{status.Code(err)}, reasons(err)...)...)
		os.Exit(1)
	}
}

// The authority of the server's certificate, and this client's certificate and key: PEM files. The
// pair is read again for each connection.
func mutualTLS(ca, certificate, key string) (credentials.TransportCredentials, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	return credentials.NewTLS(&tls.Config{
		RootCAs: authorities,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(certificate, key)
			return &pair, err
		},
	}), nil
}

func run(address, email string, files []string) error {
	transport, err := insecure.NewCredentials(), error(nil)
	if len(files) > 0 {
		transport, err = mutualTLS(files[0], files[1], files[2])
	}
	if err != nil {
		return err
	}
	// A web tier shares one for the whole process.
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(transport))
	if err != nil {
		return err
	}
	defer connection.Close()
	service := identityv1.NewIdentityServiceClient(connection)

	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	generated, err := service.GenerateIdentity(ctx, &identityv1.GenerateIdentityRequest{Email: email})
	if err != nil {
		return err
	}
	if generated.Outcome != identityv1.GenerateIdentityResponse_ISSUED {
		fmt.Println(generated.Outcome)
		return nil
	}
	fmt.Println(generated.Identity.Json)

	ctx, cancel = context.WithTimeout(context.Background(), deadline)
	defer cancel()
	refreshed, err := service.RefreshIdentity(ctx,
		&identityv1.RefreshIdentityRequest{IdentityJson: generated.Identity.Json})
	if err != nil {
		return err
	}
	fmt.Println(refreshed.Outcome)
	return nil
}

// The reason, the fields at fault and the time to wait, if the error has them.
func reasons(err error) (words []any) {
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			words = append(words, detail.Reason)
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				words = append(words, violation.Field)
			}
		case *errdetails.RetryInfo:
			words = append(words, "retry in", detail.RetryDelay.AsDuration())
		}
	}
	return words
}
