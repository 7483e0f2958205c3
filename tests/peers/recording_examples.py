"""The examples in tests/vectors/recording, opened by recording_reader.py, and one made for the other reader."""

import contextlib
import hashlib
import io
import json
import tempfile
from pathlib import Path

import cbor2
import recording_reader
from cryptography.hazmat.primitives.asymmetric import ec
from pycose.algorithms import A256GCM, EcdhEsA256KW, Es256
from pycose.headers import IV, KID, Algorithm, StaticKey
from pycose.keys.keyops import DeriveKeyOp, SignOp
from pycose.messages import EncMessage, Sign1Message
from pycose.messages.recipient import KeyAgreementWithKeyWrap
from recording_reader import (
    Refused,
    bucket_key,
    hkdf,
    need,
    open_envelope,
    open_live,
    open_segment,
    open_viewing_key,
    passphrase_key,
    pkcs8,
    point,
    private_cose,
    private_key,
    public_cose,
    read_list,
    read_record,
    read_sheet,
)


class Examples:
    """Runs one check after the other and counts."""

    def __init__(self, folder):
        self.folder = folder
        self.passed = self.failed = 0

    def check(self, what, run):
        try:
            run()
        except Exception as error:  # whatever goes wrong, the others still run
            self.failed += 1
            print(f"failed: {what}: {type(error).__name__}: {error}")
        else:
            self.passed += 1

    def refuses(self, what, run):
        def refused():
            try:
                run()
            except (AttributeError, KeyError, NameError, TypeError):
                raise  # a slip of this program, not a refusal
            except Exception:
                return
            raise Refused("it was taken")

        self.check(f"refuses {what}", refused)

    def run(self):
        for path in sorted(self.folder.glob("*.json")):
            it = json.loads(path.read_text())
            name = path.stem.replace("-", "_")
            method = getattr(self, name, None)
            self.check(f"{path.name} is known", lambda: need(method, "no reader for it"))
            if method:
                self.check(path.name, lambda: method(it))
        print(f"{self.passed} passed, {self.failed} failed")
        return self.failed == 0

    def envelope(self, it):
        aad = bytes.fromhex(it["external_aad"])

        def opened(who, data, aad=aad):
            key = private_key(bytes.fromhex(who["private_key"]))
            return open_envelope(bytes.fromhex(data), who["generation"], key, aad)

        for who in it["recipients"]:
            plain = bytes.fromhex(it["plain"])
            self.check("an envelope", lambda: equal(opened(who, it["envelope"]), plain))
            self.refuses("other data", lambda: opened(who, it["envelope"], b"other"))
        mixed = {**it["recipients"][0], "private_key": it["recipients"][1]["private_key"]}
        self.refuses("another's key", lambda: opened(mixed, it["envelope"]))
        for bad in it.get("refused", []):
            who = it["recipients"][bad["recipient"]]
            self.refuses(bad["what"], lambda: opened(who, bad["envelope"]))

    def list(self, it):
        custodian = bytes.fromhex(it["custodian"])
        fields, wanted = read_list(bytes.fromhex(it["cose"]), custodian), it["list"]
        entries = [[named(r) for r in entry] for entry in wanted["recording"]]
        equal(
            fields,
            {
                1: 1,
                2: wanted["org"],
                3: wanted["number"],
                4: wanted["issued_us"],
                5: bytes.fromhex(wanted["hub"]),
                6: entries,
                7: [named(r) for r in wanted["live"]],
            },
        )
        data = bytearray.fromhex(it["cose"])
        data[len(data) // 2] ^= 1
        self.refuses("a changed list", lambda: read_list(bytes(data), custodian))

    def bucket(self, it):
        bucket = it["bucket"]
        hub = private_key(bytes.fromhex(it["hub_private_key"]))
        share = open_envelope(bytes.fromhex(it["hub_share"]), "hub", hub, bucket.encode())
        equal(share, bytes.fromhex(it["opened_hub_share"]))
        role = private_key(bytes.fromhex(it["role"]["private_key"]))
        shares = [
            open_envelope(bytes.fromhex(one), it["role"]["generation"], role, bucket.encode())
            for one in it["role_shares"]
        ]
        equal(shares, [bytes.fromhex(one) for one in it["opened_role_shares"]])
        equal(bucket_key(bucket, share, shares), bytes.fromhex(it["bucket_key"]))

    def segment(self, it):
        role = private_key(bytes.fromhex(it["role"]["private_key"]))
        aad = it["bucket"].encode()
        shares = [
            open_envelope(bytes.fromhex(one), it["role"]["generation"], role, aad)
            for one in it["role_shares"]
        ]
        key = bucket_key(it["bucket"], bytes.fromhex(it["hub_share"]), shares)
        agent_key = bytes.fromhex(it["agent_key"])
        records = []
        for one in it["segments"]:
            record = read_record(bytes.fromhex(one["record"]["cose"]), agent_key, it["agent"])
            records.append(record)
            self.check("a closing record", lambda: equal_record(record, one["record"]["fields"]))

            def opens():
                header, fragments = open_segment(bytes.fromhex(one["file"]), key, record)
                equal_header(header, one["header"])
                wanted = [{**it, "mp4": bytes.fromhex(it["mp4"])} for it in one["fragments"]]
                equal(fragments, wanted)

            self.check("a segment", opens)
        self.check("the command line", lambda: self.command_line(it))
        for bad in it["refused"]:
            data, record = bytes.fromhex(bad["file"]), records[bad["segment"]]
            self.refuses(bad["what"], lambda: open_segment(data, key, record))

    def command_line(self, it):
        one = it["segments"][0]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)

            def file(name, data):
                (folder / name).write_bytes(bytes.fromhex(data))
                return str(folder / name)

            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                recording_reader.main(
                    [
                        "open",
                        file("segment", one["file"]),
                        *("--record", file("record", one["record"]["cose"])),
                        *("--agent-key", it["agent_key"]),
                        *("--hub-share", it["hub_share"]),
                        *("--role-key", file("role-key", it["role"]["private_key"])),
                        *("--envelope", file("envelope", it["role_shares"][0])),
                        *("--out", str(folder / "mp4")),
                    ]
                )
            wanted = one["header"]["init"] + "".join(part["mp4"] for part in one["fragments"])
            equal((folder / "mp4").read_bytes().hex(), wanted)
            equal(json.loads(said.getvalue())["state"], "closed")

    def live(self, it):
        role = private_key(bytes.fromhex(it["role"]["private_key"]))
        header, picture = open_live(bytes.fromhex(it["header"]), it["role"]["generation"], role)
        fields = it["fields"]
        names = ("camera", "session", "key", "hour_s", "codec", "width", "height")
        equal([header[n + 2] for n in range(7)], [fields[name] for name in names])
        equal(header[9], bytes.fromhex(fields["config"]))
        for one in it["pictures"]:
            seen = picture(bytes.fromhex(one["picture"]))
            wanted = {name: one[name] for name in ("number", "time_us", "key")}
            equal(seen, {**wanted, "access_unit": bytes.fromhex(one["access_unit"])})
            self.refuses("a picture again", lambda: picture(bytes.fromhex(one["picture"])))

    def viewing(self, it):
        name, wanted = it["viewing_key"], bytes.fromhex(it["private_key"])
        key = passphrase_key(it["passphrase"], bytes.fromhex(it["salt"]))
        aad = f"obhut/viewing-key/1 pass {name}".encode()
        self.check(
            "the passphrase",
            lambda: equal(open_viewing_key(bytes.fromhex(it["pass"]), key, aad), wanted),
        )
        secret = read_sheet(it["sheet_text"])
        equal(secret, bytes.fromhex(it["sheet_secret"]))
        key = hkdf(secret, b"obhut/recovery/1", name.encode())
        aad = f"obhut/viewing-key/1 sheet {name}".encode()
        self.check(
            "the sheet",
            lambda: equal(open_viewing_key(bytes.fromhex(it["sheet"]), key, aad), wanted),
        )
        generation = it["role"]["generation"]
        aad = f"obhut/role-key/1 {generation} {name}".encode()
        taken = open_envelope(bytes.fromhex(it["handed_over"]), name, private_key(wanted), aad)
        equal(taken, bytes.fromhex(it["role"]["private_key"]))
        equal(point(private_key(taken)).hex(), it["role"]["public_key"])

    def made_by_python(self, it):
        self.envelope(it["envelope"])
        self.list(it["list"])


def equal(seen, wanted):
    need(seen == wanted, f"{seen!r} instead of {wanted!r}")


def named(recipient):
    return {1: recipient["generation"], 2: bytes.fromhex(recipient["public_key"])}


def equal_header(header, wanted):
    names = "camera stream bucket hour_s segment run number before started_us codec width height"
    equal([header[n + 2] for n in range(12)], [wanted[name] for name in names.split()])
    equal(header[14], bytes.fromhex(wanted["init"]))


def equal_record(record, wanted):
    names = "segment bucket fragments sha256 length before ended_us state index why"
    wanted = {**wanted, "sha256": bytes.fromhex(wanted["sha256"])}
    equal([record[n + 2] for n in range(10)], [wanted[name] for name in names.split()])


# Making


def make_envelope(plain, recipients, external_aad, iv):
    parts = []
    for kid, data in recipients:
        part = KeyAgreementWithKeyWrap(phdr={Algorithm: EcdhEsA256KW}, uhdr={KID: kid.encode()})
        part.local_attrs = {StaticKey: public_cose(data, DeriveKeyOp)}
        parts.append(part)
    message = EncMessage(
        phdr={Algorithm: A256GCM},
        uhdr={IV: iv},
        payload=plain,
        external_aad=external_aad,
        recipients=parts,
    )
    return message.encode()


def make(path):
    """One envelope and one list, as another program than ours would make them."""

    def fresh(number):
        # Ids are 26 digits of Crockford's base 32; these are easy to tell apart.
        key = ec.generate_private_key(ec.SECP256R1())
        return {
            "generation": "vgn_" + f"{number}".rjust(26, "0"),
            "private_key": pkcs8(key).hex(),
            "public_key": point(key).hex(),
        }

    people = [fresh(n) for n in (1, 2, 3)]
    sealed = make_envelope(
        b"made by pycose",
        [(it["generation"], bytes.fromhex(it["public_key"])) for it in people],
        b"what it is for",
        bytes(range(12)),
    )
    custodian = ec.generate_private_key(ec.SECP256R1())
    hub = ec.generate_private_key(ec.SECP256R1())
    public = [{name: it[name] for name in ("generation", "public_key")} for it in people]
    fields = {
        "org": "org_" + "0" * 26,
        "number": 1000,
        "issued_us": 1_800_000_000_000_000,
        "hub": point(hub).hex(),
        "recording": [public[:1], public[1:2]],
        "live": public[2:],
    }
    payload = {
        1: 1,
        2: fields["org"],
        3: fields["number"],
        4: fields["issued_us"],
        5: point(hub),
        6: [[named(it) for it in entry] for entry in fields["recording"]],
        7: [named(it) for it in fields["live"]],
    }
    fingerprint = hashlib.sha256(point(custodian)).digest()
    message = Sign1Message(
        phdr={Algorithm: Es256, KID: fingerprint},
        payload=cbor2.dumps(payload, canonical=True),
        external_aad=b"obhut/recipients/1",
        key=private_cose(custodian, SignOp),
    )
    made = {
        "envelope": {
            "external_aad": b"what it is for".hex(),
            "plain": b"made by pycose".hex(),
            "recipients": people,
            "envelope": sealed.hex(),
        },
        "list": {
            "custodian": point(custodian).hex(),
            "list": fields,
            "cose": message.encode().hex(),
            "bucket": "bkt_" + "0" * 26,
            "hub_private_key": pkcs8(hub).hex(),
        },
    }
    path.write_text(json.dumps(made, indent=2, sort_keys=True) + "\n")
