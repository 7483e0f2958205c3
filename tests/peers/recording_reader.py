"""A second reader of sealed recordings, written from docs/dev/recording-format.md and from nothing else.

    recording_reader.py vectors DIR      opens every example and prints how many opened
    recording_reader.py make FILE        makes an envelope and a list with pycose, for the other reader
    recording_reader.py open FILE --record FILE --hub-share HEX --role-key FILE… --envelope FILE… --out FILE

COSE is pycose's, everything else `cryptography`'s. Shares no code with crates/seal.
"""

import argparse
import hashlib
import json
import struct
import sys
import unicodedata
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pycose.algorithms import A256GCM, EcdhEsA256KW, Es256
from pycose.headers import IV, KID, Algorithm, EphemeralKey
from pycose.keys import EC2Key
from pycose.keys.curves import P256
from pycose.keys.keyops import DeriveKeyOp, VerifyOp
from pycose.keys.keyparam import KpKeyOps
from pycose.messages import CoseMessage, EncMessage, Sign1Message

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WHY = ("length", "hour", "change", "disarmed", "loss", "stopped", "limit", "crash")


class Refused(Exception):
    """Not what it should be."""


def need(condition, what):
    if not condition:
        raise Refused(what)


def load(data):
    """CBOR in its one form, with nothing behind it."""
    value = cbor2.loads(data)
    need(cbor2.dumps(value, canonical=True) == data, "not deterministic CBOR")
    return value


def hkdf(secret, info, salt=b""):
    return HKDF(hashes.SHA256(), 32, salt or None, info).derive(secret)


# Keys


def private_key(pkcs8):
    return serialization.load_der_private_key(pkcs8, None)


def pkcs8(key):
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def point(key):
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def public_cose(data, operation):
    need(len(data) == 65 and data[0] == 4, "not an uncompressed point")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
    options = {KpKeyOps: [operation]} if operation else {}
    return EC2Key(P256, data[1:33], data[33:], optional_params=options)


def private_cose(key, operation):
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    return EC2Key(P256, d=secret, optional_params={KpKeyOps: [operation]})


# Envelopes


def open_envelope(data, kid, key, external_aad):
    load(data)
    message = CoseMessage.decode(data)
    need(isinstance(message, EncMessage), "no COSE_Encrypt")
    need(message.phdr == {Algorithm: A256GCM}, "another algorithm")
    need(set(message.uhdr) == {IV} and len(message.uhdr[IV]) == 12, "another header")
    found = [it for it in message.recipients if it.get_attr(KID) == kid.encode()]
    need(len(found) == 1, "not sealed to this key")
    recipient = found[0]
    need(recipient.phdr == {Algorithm: EcdhEsA256KW}, "another way of agreeing")
    need(list(recipient.uhdr) == [KID, EphemeralKey], "another header of the recipient")
    need(len(recipient.payload) == 40, "another wrapped key")
    recipient.key = private_cose(key, DeriveKeyOp)
    message.external_aad = external_aad
    return message.decrypt(recipient)


# Signatures


def open_signed(data, key, kid, external_aad):
    load(data)
    message = CoseMessage.decode(data)
    need(isinstance(message, Sign1Message), "no COSE_Sign1")
    need(message.phdr == {Algorithm: Es256, KID: kid} and not message.uhdr, "another header")
    message.key = public_cose(key, VerifyOp)
    message.external_aad = external_aad
    need(message.verify_signature(), "the signature is wrong")
    return load(message.payload)


def read_list(data, custodian):
    fields = open_signed(data, custodian, hashlib.sha256(custodian).digest(), b"obhut/recipients/1")
    need(sorted(fields) == list(range(1, 8)) and fields[1] == 1, "no recipient list of version 1")
    need(fields[3] >= 1 and 1 <= len(fields[6]) <= 3 and fields[7], "no recipients")
    for recipient in [it for entry in [*fields[6], fields[7]] for it in entry]:
        need(sorted(recipient) == [1, 2] and recipient[1].startswith("vgn_"), "no recipient")
        public_cose(recipient[2], None)
    return fields


def read_record(data, agent_key, agent):
    record = open_signed(data, agent_key, agent.encode(), b"obhut/closing/1")
    return check_record(record)


def check_record(record):
    need(sorted(record) == list(range(1, 12)) and record[1] == 1, "no record of version 1")
    need(record[4] == len(record[10]), "another number of fragments")
    need(record[9] in (0, 1) and record[11] in WHY, "unknown words")
    return record


# Buckets and segments


def bucket_key(bucket, hub_share, role_shares):
    shares = [hub_share, *role_shares]
    need(len(shares) in (2, 3, 4) and all(len(it) == 32 for it in shares), "not shares")
    return hkdf(b"".join(shares), bucket.encode())


def split_segment(data):
    """Header and its bytes, the ciphertexts with their offsets, and where the file ends to be whole."""
    need(data[:8] == b"OBHUTSG1", "no segment")
    (length,) = struct.unpack_from(">I", data, 8)
    raw = data[12 : 12 + length]
    need(len(raw) == length, "the header is cut")
    header = load(raw)
    need(sorted(header) == list(range(1, 15)) and header[1] == 1, "no header of version 1")
    place, pieces = 12 + length, []
    while place + 4 <= len(data) and not (pieces and len(pieces[-1][1]) == 16):
        (length,) = struct.unpack_from(">I", data, place)
        piece = data[place + 4 : place + 4 + length]
        if len(piece) < length or length < 16:
            break
        pieces.append((place + 4, piece))
        place += 4 + length
    return header, raw, pieces, place


def open_segment(data, key, record):
    header, raw, pieces, whole = split_segment(data)
    need(record[2] == header[6] and record[3] == header[4], "another segment's record")
    need(record[7] == header[9], "another segment before it")
    ended = bool(pieces) and len(pieces[-1][1]) == 16
    need(ended or record[9] == 1, "cut off before its end")
    need(ended == (record[9] == 0), "another end than recorded")
    need(record[6] == len(data) == whole, "another length than recorded")
    need(record[5] == hashlib.sha256(data).digest(), "other bytes than recorded")
    cipher = AESGCM(hkdf(key, b"obhut/segment/1" + header[6].encode()))
    aad = hashlib.sha256(raw).digest()
    if ended:
        _, end = pieces.pop()
        nonce = bytes(7) + struct.pack(">IB", len(pieces), 1)
        need(cipher.decrypt(nonce, end, aad) == b"", "the end is not empty")
    need(len(pieces) == record[4], "another number of fragments than recorded")
    fragments = []
    for number, (offset, piece) in enumerate(pieces):
        plain = cipher.decrypt(bytes(7) + struct.pack(">IB", number, 0), piece, aad)
        start, duration, flags = struct.unpack_from(">qIB", plain)
        need(flags in (0, 1), "unknown flags")
        entry = [offset, len(piece), start, duration, flags]
        need(record[10][number] == entry, "another fragment than recorded")
        fragments.append(
            {"start_us": start, "duration_us": duration, "key": flags == 1, "mp4": plain[13:]}
        )
    return header, fragments


# Live


def open_live(head, generation, key):
    header = load(head)
    need(sorted(header) == list(range(1, 11)) and header[1] == 1, "no live header of version 1")
    live_key = open_envelope(header[10], generation, key, header[4].encode())
    cipher = AESGCM(hkdf(live_key, b"obhut/live/1" + header[3].encode()))
    digest, last = hashlib.sha256(head).digest(), -1

    def picture(data):
        nonlocal last
        flags, number = struct.unpack_from(">BI", data)
        need(flags in (0, 1), "unknown flags")
        need(number > last, "a picture that came before")
        nonce = bytes(7) + struct.pack(">IB", number, 0)
        plain = cipher.decrypt(nonce, data[5:], digest + bytes([flags]))
        last = number
        return {
            "number": number,
            "time_us": struct.unpack_from(">q", plain)[0],
            "key": flags == 1,
            "access_unit": plain[8:],
        }

    return header, picture


# Viewing keys


def passphrase_key(passphrase, salt):
    # split() divides at White_Space and at four control characters that nobody types.
    normal = " ".join(unicodedata.normalize("NFKC", passphrase).split())
    kdf = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65536)
    return kdf.derive(normal.encode())


def read_sheet(text):
    value = 0
    for sign in text.replace("-", "").replace(" ", "").upper():
        sign = {"O": "0", "I": "1", "L": "1"}.get(sign, sign)
        value = value * 32 + CROCKFORD.index(sign)
    secret = (value >> 12).to_bytes(16, "big")
    check = int.from_bytes(hashlib.sha256(secret).digest()[:2], "big") >> 4
    need(value & 0xFFF == check, "the check of the sheet does not fit")
    return secret


def open_viewing_key(wrapped, key, aad):
    return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], aad)


# A real file


def open_file(args):
    data = args.file.read_bytes()
    header, _, _, _ = split_segment(data)
    keys = [private_key(path.read_bytes()) for path in args.role_key]
    shares = [open_with_any(path.read_bytes(), keys, header[4].encode()) for path in args.envelope]
    key = bucket_key(header[4], bytes.fromhex(args.hub_share), shares)
    signed = args.record.read_bytes()
    if args.agent_key:
        agent = CoseMessage.decode(signed).phdr[KID].decode()
        record = read_record(signed, bytes.fromhex(args.agent_key), agent)
    else:
        print("no --agent-key: the record's signature is not checked", file=sys.stderr)
        record = check_record(load(CoseMessage.decode(signed).payload))
    _, fragments = open_segment(data, key, record)
    with args.out.open("wb") as out:
        out.write(header[14])
        for fragment in fragments:
            out.write(fragment["mp4"])
    last = fragments[-1] if fragments else None
    print(
        json.dumps(
            {
                "camera": header[2],
                "segment": header[6],
                "codec": header[11],
                "fragments": len(fragments),
                "from_us": fragments[0]["start_us"] if fragments else None,
                "to_us": last["start_us"] + last["duration_us"] if last else None,
                "state": "interrupted" if record[9] else "closed",
                "why": record[11],
            }
        )
    )


def open_with_any(data, keys, aad):
    for recipient in CoseMessage.decode(data).recipients:
        for key in keys:
            try:
                return open_envelope(data, recipient.get_attr(KID).decode(), key, aad)
            except Exception:
                continue
    raise Refused("none of the role keys opens this share")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    vectors = commands.add_parser("vectors")
    vectors.add_argument("folder", type=Path)
    making = commands.add_parser("make")
    making.add_argument("file", type=Path)
    opening = commands.add_parser("open")
    opening.add_argument("file", type=Path)
    opening.add_argument("--record", type=Path, required=True, help="the closing record, COSE")
    opening.add_argument("--agent-key", help="the agent's point in hex, to check the record")
    opening.add_argument("--hub-share", required=True, help="H in hex, as the hub gives it out")
    opening.add_argument(
        "--role-key", type=Path, action="append", required=True, help="PKCS #8, DER"
    )
    opening.add_argument(
        "--envelope", type=Path, action="append", required=True, help="R1, R2, R3 in order"
    )
    opening.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(arguments)
    if args.command == "open":
        open_file(args)
        return
    sys.dont_write_bytecode = True
    import recording_examples

    if args.command == "make":
        recording_examples.make(args.file)
    elif not recording_examples.Examples(args.folder).run():
        sys.exit(1)


if __name__ == "__main__":
    main()
