// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/grpc_go_peer/identityv1"
)

const (
	maxReplySize = 65536
	// More than the calls in flight of any measurement, so that no connection is closed for lack of
	// room.
	maxIdleConnections = 8192
)

type service struct {
	identityv1.UnimplementedIdentityServiceServer
	client        *http.Client
	url           string
	authorization string
	envelope      *envelope
}

type reply struct {
	Status string          `json:"status"`
	Body   json.RawMessage `json:"body"`
}

type identity struct {
	AdvertisingToken   string `json:"advertising_token"`
	RefreshToken       string `json:"refresh_token"`
	RefreshResponseKey string `json:"refresh_response_key"`
	IdentityExpires    int64  `json:"identity_expires"`
	RefreshFrom        int64  `json:"refresh_from"`
	RefreshExpires     int64  `json:"refresh_expires"`
}

func newService(operatorURL, apiKey string, envelope *envelope) *service {
	return &service{
		client: &http.Client{Transport: &http.Transport{
			MaxIdleConns:        maxIdleConnections,
			MaxIdleConnsPerHost: maxIdleConnections,
			DisableCompression:  true,
		}},
		url:           operatorURL + "/v2/token/generate",
		authorization: "Bearer " + apiKey,
		envelope:      envelope,
	}
}

// GenerateIdentity is the method that is measured: seal, POST, open, parse, answer.
func (s *service) GenerateIdentity(ctx context.Context, request *identityv1.GenerateIdentityRequest) (*identityv1.GenerateIdentityResponse, error) {
	email, err := normalized(request.GetEmail())
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(email))
	payload := `{"email_hash":"` + base64.StdEncoding.EncodeToString(hash[:]) + `"}`
	body, echoed, err := s.envelope.seal(time.Now().UnixMilli(), []byte(payload))
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	text, err := s.post(ctx, body)
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	opened, err := s.envelope.open(text, echoed)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return answer(opened)
}

// post returns the body of a reply with status 200.
func (s *service) post(ctx context.Context, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = http.Header{
		"Authorization":         {s.authorization},
		"Content-Type":          {"text/plain"},
		"X-Uid2-Client-Version": {"bench"},
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, status.Errorf(codes.Unavailable, "the operator answered %s", response.Status)
	}
	if response.ContentLength < 0 || response.ContentLength > maxReplySize {
		return io.ReadAll(io.LimitReader(response.Body, maxReplySize))
	}
	text := make([]byte, response.ContentLength)
	_, err = io.ReadFull(response.Body, text)
	return text, err
}

// normalized removes what does not distinguish mailboxes: case, and what Gmail ignores.
func normalized(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	user, domain, found := strings.Cut(email, "@")
	if !found || user == "" || !strings.Contains(domain, ".") || strings.Contains(domain, "@") {
		return "", status.Error(codes.InvalidArgument, "email is not valid")
	}
	if domain != "gmail.com" {
		return email, nil
	}
	user, _, _ = strings.Cut(user, "+")
	return strings.ReplaceAll(user, ".", "") + "@gmail.com", nil
}

func answer(text []byte) (*identityv1.GenerateIdentityResponse, error) {
	var r reply
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if r.Status != "success" {
		return nil, status.Error(codes.Internal, "the operator did not issue an identity")
	}
	var i identity
	if err := json.Unmarshal(r.Body, &i); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &identityv1.GenerateIdentityResponse{
		Outcome: identityv1.GenerateIdentityResponse_ISSUED,
		Identity: &identityv1.Identity{
			AdvertisingToken:   i.AdvertisingToken,
			RefreshToken:       i.RefreshToken,
			RefreshResponseKey: i.RefreshResponseKey,
			IdentityExpires:    i.IdentityExpires,
			RefreshFrom:        i.RefreshFrom,
			RefreshExpires:     i.RefreshExpires,
			Json:               string(r.Body),
		},
	}, nil
}
