"""A camera made of GStreamer's RTSP server: plays clips from `./x e2e --peers` in real time, for ever.

    gst_camera.py CLIPS LOGS MOUNT=CLIP[,FAULT=VALUE]…

Prints `Port: N`. CLIPS holds CLIP.h264 or CLIP.h265, with a delimiter before each picture, and CLIP.pts with
the time and flags of each. What a mount did is in LOGS/MOUNT.log, a line for each event:

    picture NUMBER SHOWN MICROSECONDS     the NUMBER-th picture in decoding order, the SHOWN-th to be shown, was made
    lost SHOWN                            a packet with a part of this picture was not sent
    lost-beside SHOWN                     one with parameter sets or notes beside this picture was not sent
    jump TICKS                            stamps of packets jumped from here on
    report                                sender reports tell another time of day from here on
    closed MICROSECONDS                   the connections were closed

Faults: `lose=F` drops that part of all packets, `drop=S` closes the connections every S seconds, `jump=S` lets
stamps jump every S seconds, forwards and back, and reports after twice S. Runs with Debian's Python, which alone
sees Debian's bindings.
"""

import random
import struct
import sys
import threading
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, GObject, Gst, GstApp, GstRtspServer  # noqa: E402

# Before any class is made of one of its.
Gst.init(None)

FPS = 15
TICK = Gst.SECOND // FPS
CODECS = {
    "h264": ("video/x-h264", "h264parse", "rtph264pay", lambda first: first & 31, range(1, 6), (7, 8), 9),
    "h265": ("video/x-h265", "h265parse", "rtph265pay", lambda first: first >> 1 & 63, range(32), (32, 33, 34), 35),
}
# In ticks of 1/90000 s: an hour on, a quarter of an hour back, and by less than anybody would notice.
JUMPS = (3600 * 90_000, -900 * 90_000, -30_000)


def now_us():
    return time.time_ns() // 1000


def pictures(file, kind_of, slices, sets, delimiter):
    """The access units of an Annex B file without their delimiters, and the parameter sets of the first."""
    units, first, pictured = [], b"", True
    for nal in file.read_bytes().replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]:
        kind = kind_of(nal[0])
        if pictured and kind not in slices:
            units.append(b"")
            pictured = False
        pictured |= kind in slices
        if kind in sets and len(units) == 1:
            first += b"\0\0\0\1" + nal
        elif kind != delimiter and kind not in sets:
            units[-1] += b"\0\0\0\1" + nal
    return units, first


class Clip:
    """Pictures in decoding order, and at which place each is shown."""

    def __init__(self, folder, name):
        file = next(it for kind in CODECS if (it := folder / f"{name}.{kind}").exists())
        self.caps, self.parser, self.payloader, *kinds = CODECS[file.suffix[1:]]
        self.units, sets = pictures(file, *kinds)
        lines = [it.split(",") for it in (folder / f"{name}.pts").read_text().split()]
        if len(lines) != len(self.units):
            sys.exit(f"{name}: {len(lines)} times for {len(self.units)} pictures")
        # Cameras send the parameter sets with every picture that one can begin with.
        for place, line in enumerate(lines):
            if "K" in line[1]:
                self.units[place] = sets + self.units[place]
        times = [int(it[0]) for it in lines]
        order = sorted(times)
        self.shown = [order.index(it) for it in times]
        # No picture may be due before it is there.
        self.delay = max(n - shown for n, shown in enumerate(self.shown))

    def pictured(self, payload):
        """Whether an RTP payload of H.264 (RFC 6184) holds a part of a picture."""
        kind = payload[0] & 31
        if kind == 28:
            return payload[1] & 31 in range(1, 6)
        if kind != 24:
            return kind in range(1, 6)
        kinds, at = [], 1
        while at + 2 < len(payload):
            kinds.append(payload[at + 2] & 31)
            at += 2 + struct.unpack_from(">H", payload, at)[0]
        return any(it in range(1, 6) for it in kinds)


class Out(Gst.Bin):
    """Looks like a payloader to the server: packets that went through our hands."""

    pt = GObject.Property(type=int, default=96)

    def __init__(self):
        super().__init__(name="pay0")
        source = Gst.ElementFactory.make("appsrc", "out")
        source.set_property("is-live", True)
        source.set_property("format", Gst.Format.TIME)
        self.add(source)
        self.add_pad(Gst.GhostPad.new("src", source.get_static_pad("src")))


class Mount(GstRtspServer.RTSPMediaFactory):
    """One path of the server; all clients share one pipeline."""

    def __init__(self, clip, faults, log):
        super().__init__()
        self.clip, self.faults, self.log = clip, faults, log
        self.random = random.Random(1)
        self.media = self.source = self.begun = None
        self.shift = 0
        self.by_time = {}
        self.set_shared(True)
        self.connect("media-configure", self.configure)

    def do_create_element(self, url):
        clip = self.clip
        source = (
            f"appsrc name=source is-live=true format=time caps={clip.caps},"
            f"stream-format=byte-stream,alignment=au,framerate={FPS}/1 ! {clip.parser}"
        )
        payloader = f"{clip.payloader} pt=96 config-interval=-1"
        if not self.meddles:
            return Gst.parse_launch(f"( {source} ! {payloader} name=pay0 )")
        # Begins five seconds before the stamps are full.
        start = 2**32 - 5 * 90_000
        pipeline = Gst.parse_launch(f"( {source} ! {payloader} timestamp-offset={start} ! appsink name=made sync=false )")
        pipeline.add(Out())
        return pipeline

    @property
    def meddles(self):
        return "lose" in self.faults or "jump" in self.faults

    def configure(self, _factory, media):
        self.media = media
        element = media.get_element()
        if self.meddles:
            made, out = element.get_by_name("made"), element.get_by_name("out")
            made.set_property("emit-signals", True)
            made.connect("new-sample", self.packet, out)
        media.connect("unprepared", self.forget)
        self.begun = None
        self.source = element.get_by_name("source")

    def forget(self, media):
        if media is self.media:
            self.media = self.source = None

    def packet(self, made, out):
        """Passes a packet on, or does not."""
        sample = made.pull_sample()
        buffer = sample.get_buffer()
        if out.get_property("caps") is None:
            out.set_property("caps", sample.get_caps())
        shown = self.by_time.get(buffer.pts)
        data = bytearray(buffer.extract_dup(0, buffer.get_size()))
        if self.random.random() < float(self.faults.get("lose", 0)):
            self.say("lost" if self.clip.pictured(data[12:]) else "lost-beside", shown)
            return Gst.FlowReturn.OK
        stamp = struct.unpack_from(">I", data, 4)[0] + self.shift
        struct.pack_into(">I", data, 4, stamp % 2**32)
        packet = Gst.Buffer.new_wrapped(bytes(data))
        packet.pts, packet.dts = buffer.pts, buffer.dts
        return out.push_buffer(packet)

    def push(self, number):
        """The picture that is due now."""
        rounds, place = divmod(number, len(self.clip.units))
        shown = rounds * len(self.clip.units) + self.clip.shown[place]
        self.say("picture", number, shown, now_us())
        self.meddle(number)
        source = self.source
        clock = source and source.get_clock()
        if not clock or source.get_state(0).state != Gst.State.PLAYING:
            return
        if self.begun is None:
            self.begun = clock.get_time() - source.get_base_time() - number * TICK
        buffer = Gst.Buffer.new_wrapped(self.clip.units[place])
        buffer.dts = self.begun + number * TICK
        buffer.pts = self.begun + (shown + self.clip.delay) * TICK
        buffer.duration = TICK
        self.by_time[buffer.pts] = shown
        source.push_buffer(buffer)

    def meddle(self, number):
        every = int(self.faults.get("jump", 0)) * FPS
        if not every or number == 0 or number % every:
            return
        jump = JUMPS[number // every % len(JUMPS)]
        self.shift += jump
        self.say("jump", jump)
        if self.media and number // every == 2:
            self.say("report")
            pipeline = self.media.get_element()
            while pipeline.get_parent():
                pipeline = pipeline.get_parent()
            pipeline.iterate_recurse().foreach(set_back)

    def say(self, *words):
        print(*words, file=self.log, flush=True)


def set_back(element):
    """Lets sender reports tell the time since the pipeline began, as of a camera that lost its clock."""
    factory = element.get_factory()
    if factory and factory.get_name() == "rtpbin":
        element.set_property("ntp-time-source", "running-time")


def main():
    clips, logs, specs = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    # Who waits for one pipeline keeps nobody else waiting.
    server.get_thread_pool().set_max_threads(-1)
    mounts = []
    for spec in specs:
        what, *faults = spec.split(",")
        name, clip = what.split("=")
        faults = dict(it.split("=") for it in faults)
        log = (logs / f"{name}.log").open("w", encoding="ascii")
        mount = Mount(Clip(clips, clip), faults, log)
        server.get_mount_points().add_factory(f"/{name}", mount)
        mounts.append(mount)
    server.attach(None)

    def close():
        for mount in mounts:
            mount.say("closed", now_us())
        server.client_filter(lambda _server, client: (client.close(), GstRtspServer.RTSPFilterResult.KEEP)[1])
        return True

    for every in {it.faults["drop"] for it in mounts if "drop" in it.faults}:
        GLib.timeout_add_seconds(int(every), close)

    def play():
        number, start = 0, time.monotonic()
        while True:
            time.sleep(max(0, start + number / FPS - time.monotonic()))
            for mount in mounts:
                mount.push(number)
            number += 1

    threading.Thread(target=play, daemon=True).start()
    print(f"Port: {server.get_bound_port()}", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
