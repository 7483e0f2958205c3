//! What was sent against what is seen, picture by picture.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use base::Timestamp;
use media::Ticks;
use media::fmp4::{Layout, Part, read_fragments, remux};
use seal::closing::Why;
use testkit::Opened;

use crate::cameras::world::Station;

/// How far the time a recording gives a picture may be from when it was sent, on a busy machine.
const NEAR_US: i64 = 700_000;
/// How far a gap may begin before, and end behind, the pictures that are missing: two clocks, two programs.
const EDGE_US: i64 = 300_000;
/// Fifteen pictures a second.
const FRAME_US: i64 = 66_667;
/// The agent is asked to end so long before the last picture that is looked for was sent.
const END_US: i64 = 1_500_000;

/// A time without pictures, as the timeline shows it.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    pub(super) from_us: i64,
    pub(super) to_us: Option<i64>,
    pub(super) cause: String,
}

/// What came of a shoot.
pub(super) struct Seen {
    pub(super) opened: Vec<Opened>,
    pub(super) gaps: Vec<Gap>,
    /// When the agent had ended.
    pub(super) ended: Timestamp,
}

/// One camera's film: the clip, and what the camera says it did.
pub(super) struct Film {
    mount: String,
    /// Decoding begins with pictures that are no IDR.
    open_groups: bool,
    /// Its folder holds the camera's log.
    station: Arc<Station>,
    /// Where what was seen stays, for whoever wants to look.
    out: PathBuf,
    /// MD5 of the decoded pictures of the clip, in the order they are shown, by place.
    places: HashMap<String, u64>,
}

/// What the camera says it did.
#[derive(Default)]
struct Sent {
    /// When each picture was sent, by the place at which it is shown.
    at_us: BTreeMap<u64, i64>,
    /// Its place among those that were sent.
    order: BTreeMap<u64, u64>,
    lost: BTreeSet<u64>,
    jumps: usize,
}

/// The sum.
pub(super) struct Judged {
    shown: BTreeSet<u64>,
    pub(super) missing: usize,
    pub(super) lost: usize,
    pub(super) gaps: usize,
    pub(super) longest_gap: Duration,
    pub(super) causes: BTreeSet<String>,
    pub(super) jumps: usize,
}

impl Judged {
    /// Whether these pictures are all there, in whichever round of the clip.
    pub(super) fn holds(&self, numbers: &[u64]) -> bool {
        let mut rounds = (0..10).map(|round| round * 300);
        rounds.any(|before| numbers.iter().all(|it| self.shown.contains(&(it + before))))
    }
}

/// A decoded picture: its MD5, and when it is shown, in microseconds.
struct Decoded {
    md5: String,
    at_us: i64,
}

impl Film {
    pub(super) fn new(mount: &str, clip: &Path, station: &Arc<Station>) -> Self {
        let places: HashMap<String, u64> = (0..)
            .zip(decode(&clip.with_extension("mp4"), None))
            .map(|(n, it)| (it.md5, n))
            .collect();
        assert_eq!(places.len(), 300, "every picture is another");
        Self {
            mount: mount.to_owned(),
            open_groups: clip.ends_with("open") || clip.ends_with("hevc"),
            station: Arc::clone(station),
            out: clip.with_file_name("seen"),
            places,
        }
    }

    pub(super) fn mount(&self) -> &str {
        &self.mount
    }

    /// The log of `gst_camera.py`.
    fn sent(&self) -> Sent {
        let file = self.station.agent.join(format!("{}.log", self.mount));
        let mut sent = Sent::default();
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["picture", number, shown, at] => {
                    // The last line may be half a line.
                    if let (Ok(number), Ok(shown), Ok(at)) =
                        (number.parse(), shown.parse(), at.parse())
                    {
                        sent.at_us.insert(shown, at);
                        sent.order.insert(shown, number);
                    }
                }
                ["lost", shown] => {
                    sent.lost.insert(shown.parse().unwrap());
                }
                ["jump", _] => sent.jumps += 1,
                _ => {}
            }
        }
        sent
    }

    /// Which pictures of the endless film these are, if they begin in its first round.
    pub(super) fn numbers(&self, file: &Path) -> Vec<u64> {
        let mut next = 0;
        let mut number = |it: &Decoded| {
            let place = *self.places.get(&it.md5).expect("a picture of the clip");
            let number = (next..next + 300).find(|it| it % 300 == place)?;
            next = number + 1;
            Some(number)
        };
        decode(file, None).iter().filter_map(&mut number).collect()
    }

    /// Joins the segments, lets ffprobe and ffmpeg look, and finds every picture that was sent.
    pub(super) fn judge(&self, seen: &Seen) -> Judged {
        let sent = self.sent();
        let decoded = self.decoded(&seen.opened);
        let mut shown: BTreeMap<u64, i64> = BTreeMap::new();
        let mut last = None;
        for it in &decoded {
            let place = self.places.get(&it.md5);
            let place = *place.unwrap_or_else(|| panic!("{}: damaged at {}", self.mount, it.at_us));
            // Of all the rounds, the one at that time.
            let number = (0..1000)
                .map(|round| round * 300 + place)
                .take_while(|n| sent.at_us.contains_key(n))
                .min_by_key(|n| sent.at_us[n].abs_diff(it.at_us))
                .expect("it was sent");
            let off = it.at_us - sent.at_us[&number];
            assert!(off.abs() < NEAR_US, "{}: {number} off by {off}", self.mount);
            assert!(
                last < Some(number),
                "{}: {number} after {last:?}",
                self.mount
            );
            last = Some(number);
            shown.insert(number, it.at_us);
        }
        let (first, last) = (*shown.keys().next().unwrap(), last.unwrap());
        let ended = seen.ended.as_microsecond();
        let newest = shown.keys().map(|it| sent.order[it]).max().unwrap();
        let is_missing = |it: &&u64| **it > first && !shown.contains_key(it);
        let mut missing = 0;
        for number in sent.at_us.keys().filter(is_missing) {
            // By the recording's own time: when it would have been shown, counted from its nearest neighbour.
            let neighbours = [
                shown.range(..number).next_back(),
                shown.range(number..).next(),
            ];
            let nearest = neighbours.into_iter().flatten();
            let (it, at) = nearest.min_by_key(|it| it.0.abs_diff(*number)).unwrap();
            let at = at + (number.cast_signed() - it.cast_signed()) * FRAME_US;
            let declared = seen.gaps.iter().any(|gap| gap.holds(at, EDGE_US));
            let after = sent.order[number] > newest;
            assert!(
                declared || after && at > ended - END_US,
                "{}: {number} is missing at {at} and not declared: {:?}",
                self.mount,
                seen.gaps
            );
            missing += usize::from(!after);
        }
        let between: Vec<&Gap> = seen
            .gaps
            .iter()
            .filter(|it| it.to_us.is_some_and(|to| to > shown[&first]))
            .filter(|it| it.from_us < shown[&last] && it.cause != "agent_stopped")
            .collect();
        for gap in &between {
            let inside = shown.values().find(|at| gap.holds(**at, -EDGE_US));
            assert!(inside.is_none(), "{}: {gap:?} holds pictures", self.mount);
        }
        for number in sent.lost.range(first..last) {
            assert!(
                !shown.contains_key(number),
                "{}: {number} can't be whole",
                self.mount
            );
        }
        let length = |it: &&Gap| it.to_us.unwrap_or(ended) - it.from_us;
        let longest = between.iter().map(length).max().unwrap_or(0);
        let judged = Judged {
            missing,
            lost: sent.lost.range(first..last).count(),
            gaps: between.len(),
            longest_gap: Duration::from_micros(longest.unsigned_abs()),
            causes: between.iter().map(|it| it.cause.clone()).collect(),
            jumps: sent.jumps,
            shown: shown.into_keys().collect(),
        };
        self.report(&judged, seen.opened.len());
        judged
    }

    fn report(&self, judged: &Judged, segments: usize) {
        let line = format!(
            "{}: {} pictures in {segments} segments, {} missing of which {} lost, {} gaps up to {} ms {:?}\n",
            self.mount,
            judged.shown.len(),
            judged.missing,
            judged.lost,
            judged.gaps,
            judged.longest_gap.as_millis(),
            judged.causes,
        );
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
    }

    /// All pictures, at the times that the recording gives them. A film that has IDR pictures is one file; one of
    /// open groups has a file for each stretch without a gap, because a decoder remembers what was before.
    fn decoded(&self, opened: &[Opened]) -> Vec<Decoded> {
        let mut stretches: Vec<&[Opened]> = vec![opened];
        if self.open_groups {
            stretches = opened
                .chunk_by(|before, _| before.record.why != Why::Loss)
                .collect();
        }
        let mut all = Vec::new();
        for (n, stretch) in stretches.into_iter().enumerate() {
            all.extend(self.stretch(n, stretch));
        }
        all
    }

    /// Segments as one file in both layouts, decoded.
    fn stretch(&self, n: usize, opened: &[Opened]) -> Vec<Decoded> {
        let begin = opened[0].fragments[0].start_us;
        let segments: Vec<Vec<u8>> = opened
            .iter()
            .map(|it| it.fragments.iter().flat_map(|it| it.mp4.to_vec()).collect())
            .collect();
        let parts: Vec<Part<'_>> = opened
            .iter()
            .zip(&segments)
            .map(|(it, bytes)| Part {
                bytes,
                offset: Ticks::from_micros(it.fragments[0].start_us - begin),
            })
            .collect();
        assert!(opened.iter().all(|it| it.init == opened[0].init));
        std::fs::create_dir_all(&self.out).unwrap();
        let samples: usize = segments
            .iter()
            .flat_map(|it| read_fragments(it).unwrap())
            .map(|it| it.samples.len())
            .sum();
        // Pictures may tell a decoder to forget ones that it never saw: those before a gap, or before we came.
        let excused = (n > 0 || self.open_groups).then_some("mmco: unref short failure");
        let both = [Layout::Fragmented, Layout::Progressive].map(|layout| {
            let name = format!("{}-{n}-{layout:?}.mp4", self.mount);
            let file = self.out.join(&name);
            std::fs::write(&file, remux(&opened[0].init, &parts, layout).unwrap()).unwrap();
            let (probed, decoded) = (count(&file, excused), decode(&file, excused));
            assert_eq!((probed, decoded.len()), (samples, samples), "{name}");
            decoded
        });
        let [fragmented, mut progressive] = both;
        let same = |(a, b): (&Decoded, &Decoded)| a.md5 == b.md5;
        assert!(fragmented.iter().zip(&progressive).all(same));
        for it in &mut progressive {
            it.at_us += begin;
        }
        progressive
    }
}

impl Gap {
    /// Whether an instant lies in it, or within `edge` of it.
    fn holds(&self, at_us: i64, edge: i64) -> bool {
        self.from_us - edge <= at_us && self.to_us.is_none_or(|to| at_us <= to + edge)
    }
}

/// Runs it; whatever it complains of is a failure, but for `excused`.
#[track_caller]
fn quietly(command: &mut Command, excused: Option<&str>) -> String {
    let output = command.output().unwrap();
    let mut complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    if let Some(excused) = excused {
        let lines = complaint.lines().filter(|it| !it.contains(excused));
        complaint = lines.collect();
    }
    assert!(
        output.status.success() && complaint.is_empty(),
        "{command:?}: {complaint}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A decoder may keep back pictures that it thinks are damaged: here it shows them.
const SHOW_ALL: [&str; 2] = ["-flags2", "showall"];

/// How many pictures ffprobe decodes.
fn count(file: &Path, excused: Option<&str>) -> usize {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "warning", "-count_frames", "-select_streams", "v"]);
    command.args(SHOW_ALL);
    command.args(["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]);
    quietly(command.arg(file), excused).trim().parse().unwrap()
}

/// Every picture as ffmpeg decodes it, in the order it is shown.
fn decode(file: &Path, excused: Option<&str>) -> Vec<Decoded> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "warning"]).args(SHOW_ALL);
    command.arg("-i").arg(file);
    command.args([
        "-an",
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1:90000",
    ]);
    let text = quietly(command.args(["-f", "framemd5", "-"]), excused);
    let mut decoded = Vec::new();
    for line in text.lines().filter(|it| !it.starts_with('#')) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        decoded.push(Decoded {
            at_us: Ticks(fields[2].parse().unwrap()).micros(),
            md5: fields[5].to_owned(),
        });
    }
    decoded
}
