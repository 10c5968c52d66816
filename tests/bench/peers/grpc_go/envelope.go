// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

const (
	version    = 1
	timeSize   = 8
	echoSize   = 8
	headSize   = timeSize + echoSize
	ivSize     = 12
	sealedHead = 1 + ivSize
)

// echo is random bytes that the operator's reply repeats.
type echo [echoSize]byte

// envelope seals requests to the operator and opens its replies: AES-256-GCM, in base64. It is safe
// for concurrent use.
type envelope struct {
	gcm cipher.AEAD
}

func newEnvelope(secret []byte) (*envelope, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &envelope{gcm: gcm}, nil
}

// seal seals json for the operator. nowMS is Unix time.
func (e *envelope) seal(nowMS int64, json []byte) ([]byte, echo, error) {
	var echoed echo
	var random [ivSize + echoSize]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, echoed, err
	}
	copy(echoed[:], random[ivSize:])

	sealed := make([]byte, 0, sealedHead+headSize+len(json)+e.gcm.Overhead())
	sealed = append(sealed, version)
	sealed = append(sealed, random[:ivSize]...)
	sealed = binary.BigEndian.AppendUint64(sealed, uint64(nowMS))
	sealed = append(sealed, echoed[:]...)
	sealed = append(sealed, json...)
	sealed = e.gcm.Seal(sealed[:sealedHead], random[:ivSize], sealed[sealedHead:], nil)

	text := make([]byte, base64.StdEncoding.EncodedLen(len(sealed)))
	base64.StdEncoding.Encode(text, sealed)
	return text, echoed, nil
}

// open opens the reply to the request with this echo, in place of text, and returns its JSON.
func (e *envelope) open(text []byte, want echo) ([]byte, error) {
	size, err := base64.StdEncoding.Decode(text, text)
	if err != nil {
		return nil, err
	}
	if size < ivSize {
		return nil, errors.New("the reply is too short")
	}
	iv, sealed := text[:ivSize], text[ivSize:size]
	plain, err := e.gcm.Open(sealed[:0], iv, sealed, nil)
	if err != nil {
		return nil, err
	}
	if len(plain) < headSize || !bytes.Equal(plain[timeSize:headSize], want[:]) {
		return nil, errors.New("the reply belongs to another request")
	}
	return plain[headSize:], nil
}
