# SPDX-License-Identifier: Apache-2.0
"""Configuration files with one participant. Its credentials are in the folder `credentials`."""

GOOD_KEY = "UID2-C-L-1-abcdef.ghi"
GOOD_SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def write(folder, text):
    path = folder / "server.txtpb"
    path.write_text(text)
    return path


def good(address="127.0.0.1:0"):
    return (f'listen_address: "{address}"\nparticipants {{\n  name: "site"\n  scope: UID2\n'
            '  operator_url: "https://operator.example.com"\n  credentials_dir: "credentials"\n}\n')
