//! What somebody may with the cameras of a group. No I/O.

use base::{CameraGroupId, Lang, RoleId, ShortText};
use people::role::Role;
use people::{Limits, Permission, Right, Scope};

use crate::VideoError;

/// The longest look-back that can be given: no recording is kept longer.
const MOST_HOURS: u32 = 2160;
const HOUR_US: i64 = 3_600_000_000;
/// Characters of a role's name.
const NAME: usize = 80;

/// How far back somebody may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LookBack {
    /// So many hours.
    Hours(u32),
    /// As long as recordings are kept.
    All,
}

impl LookBack {
    /// The hours, if it has an end.
    pub(crate) const fn hours(self) -> Option<u32> {
        match self {
            Self::Hours(hours) => Some(hours),
            Self::All => None,
        }
    }
}

/// What somebody may with some cameras.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sight {
    /// See live pictures.
    pub(crate) live: bool,
    /// Open recordings, so far back.
    pub(crate) playback: Option<LookBack>,
    /// Change the cameras.
    pub(crate) configure: bool,
}

impl Sight {
    /// What was asked for; a look-back makes sense with recordings alone.
    pub(crate) fn asked(
        live: bool,
        playback: bool,
        hours: Option<u32>,
        configure: bool,
    ) -> Result<Self, VideoError> {
        let wrong = |code, what| VideoError::wrong("look_back_hours", code, what);
        let playback = match (playback, hours) {
            (false, None) => None,
            (false, Some(_)) => {
                return Err(wrong("without_playback", "goes with recordings alone"));
            }
            (true, None) => Some(LookBack::All),
            (true, Some(hours)) if (1..=MOST_HOURS).contains(&hours) => {
                Some(LookBack::Hours(hours))
            }
            (true, Some(_)) => return Err(wrong("out_of_range", "is 1 to 2160 hours, or null")),
        };
        Ok(Self {
            live,
            playback,
            configure,
        })
    }

    /// What these rights allow for the cameras of a group. One that needs a second person or factor opens nothing.
    pub(crate) fn of(rights: &[Right], group: CameraGroupId) -> Self {
        let mut sight = Self::default();
        for right in rights {
            let here = right.scope == Scope::Org || right.scope == Scope::Cameras(group);
            if !here || right.limits.four_eyes || right.limits.second_factor {
                continue;
            }
            match right.permission {
                Permission::VideoLive => sight.live = true,
                Permission::VideoConfigure => sight.configure = true,
                Permission::VideoPlayback => {
                    let back = right.limits.look_back_us.map_or(LookBack::All, hours);
                    sight.playback = sight.playback.max(Some(back));
                }
                _ => {}
            }
        }
        sight
    }

    /// Whether it is nothing at all.
    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// The rights that allow exactly this.
    pub(crate) fn rights(self, group: CameraGroupId) -> Vec<Right> {
        let right = |permission, look_back_us| Right {
            permission,
            scope: Scope::Cameras(group),
            limits: Limits {
                look_back_us,
                ..Limits::default()
            },
        };
        let hours = self.playback.and_then(LookBack::hours);
        let back = hours.map(|hours| i64::from(hours) * HOUR_US);
        let playback = self.playback.is_some();
        [
            self.live.then(|| right(Permission::VideoLive, None)),
            playback.then(|| right(Permission::VideoPlayback, back)),
            self.configure
                .then(|| right(Permission::VideoConfigure, None)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What the role underneath is called: the group, then what it allows.
    pub(crate) fn name(self, group: &str, lang: Lang) -> ShortText {
        let (recordings, configure) = match lang {
            Lang::De => ("Aufnahmen", "Einrichten"),
            Lang::En => ("recordings", "set up"),
        };
        let playback = self.playback.map(|back| match back.hours() {
            Some(hours) => format!("{recordings} {hours} h"),
            None => recordings.to_owned(),
        });
        let words = [
            self.live.then(|| match lang {
                Lang::De => "Live".to_owned(),
                Lang::En => "live".to_owned(),
            }),
            playback,
            self.configure.then(|| configure.to_owned()),
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        let words = words.join(", ");
        let room = NAME.saturating_sub(words.chars().count() + 2);
        let group = if group.chars().count() > room {
            let kept: String = group.chars().take(room.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        } else {
            group.to_owned()
        };
        ShortText::squeeze(&format!("{group}: {words}"))
    }

    /// The words of the log.
    pub(crate) fn words(self) -> String {
        let mut words = Vec::new();
        if self.live {
            words.push(Permission::VideoLive.word().to_owned());
        }
        if let Some(back) = self.playback {
            let word = Permission::VideoPlayback.word();
            words.push(match back.hours() {
                Some(hours) => format!("{word}:PT{hours}H"),
                None => word.to_owned(),
            });
        }
        if self.configure {
            words.push(Permission::VideoConfigure.word().to_owned());
        }
        words.join(" ")
    }
}

/// A look-back in whole hours; part of one counts as one.
fn hours(us: i64) -> LookBack {
    let whole = us.max(1).saturating_add(HOUR_US - 1) / HOUR_US;
    LookBack::Hours(u32::try_from(whole).unwrap_or(u32::MAX))
}

/// What one member may in a group, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Given for this group.
    pub(crate) own: Sight,
    /// By roles that reach further: their names and what they allow here.
    pub(crate) wider: Vec<(String, Sight)>,
}

impl Standing {
    /// By the roles somebody has.
    pub(crate) fn of(roles: &[RoleId], known: &[Role], group: CameraGroupId) -> Self {
        let mine = known.iter().filter(|role| roles.contains(&role.id));
        let (own, wider): (Vec<&Role>, Vec<&Role>) =
            mine.partition(|role| role.camera_group() == Some(group));
        let rights: Vec<Right> = own.iter().flat_map(|role| role.rights.clone()).collect();
        Self {
            own: Sight::of(&rights, group),
            wider: wider
                .into_iter()
                .map(|role| (role.name.clone(), Sight::of(&role.rights, group)))
                .filter(|(_, sight)| !sight.is_nothing())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use people::role::BuiltIn;

    use super::*;

    const GROUP: CameraGroupId = CameraGroupId::from_bytes([1; 16]);

    fn sight(live: bool, playback: Option<LookBack>, configure: bool) -> Sight {
        Sight {
            live,
            playback,
            configure,
        }
    }

    #[test]
    fn rights_and_back() {
        for live in [false, true] {
            for playback in [None, Some(LookBack::All), Some(LookBack::Hours(24))] {
                for configure in [false, true] {
                    let one = sight(live, playback, configure);
                    let rights = one.rights(GROUP);
                    assert_eq!(Sight::of(&rights, GROUP), one);
                    assert_eq!(rights.is_empty(), one.is_nothing());
                    let elsewhere = CameraGroupId::from_bytes([2; 16]);
                    assert!(Sight::of(&rights, elsewhere).is_nothing());
                }
            }
        }
    }

    #[test]
    fn a_look_back_goes_with_recordings_and_has_bounds() {
        let check = |playback, hours, expected: Result<Option<LookBack>, &str>| {
            let asked = Sight::asked(false, playback, hours, false);
            let got = asked.map(|it| it.playback);
            let got = got.map_err(|error| base::HasKind::code(&error).to_owned());
            assert_eq!(got, expected.map_err(str::to_owned), "{hours:?}");
        };
        check(false, None, Ok(None));
        check(true, None, Ok(Some(LookBack::All)));
        check(true, Some(1), Ok(Some(LookBack::Hours(1))));
        check(true, Some(2160), Ok(Some(LookBack::Hours(2160))));
        check(true, Some(0), Err("out_of_range"));
        check(true, Some(2161), Err("out_of_range"));
        check(false, Some(1), Err("without_playback"));
    }

    #[test]
    fn the_widest_counts_and_conditions_open_nothing() {
        let mut rights = sight(false, Some(LookBack::Hours(5)), false).rights(GROUP);
        rights.extend(sight(false, Some(LookBack::Hours(2)), false).rights(GROUP));
        let back = |rights: &[Right]| Sight::of(rights, GROUP).playback;
        assert_eq!(back(&rights), Some(LookBack::Hours(5)));
        rights.extend(sight(false, Some(LookBack::All), false).rights(GROUP));
        assert_eq!(back(&rights), Some(LookBack::All));
        let mut strict = sight(true, None, false).rights(GROUP);
        strict[0].limits.four_eyes = true;
        assert!(Sight::of(&strict, GROUP).is_nothing());
    }

    #[test]
    fn names_fit() {
        #[track_caller]
        fn check(sight: Sight, group: &str, lang: Lang, expected: &str) {
            let name = sight.name(group, lang);
            assert_eq!(name.as_str(), expected);
            assert!(ShortText::parse(name.as_str()).is_ok());
        }
        let all = sight(true, Some(LookBack::Hours(2160)), true);
        check(
            all,
            "Halle",
            Lang::De,
            "Halle: Live, Aufnahmen 2160 h, Einrichten",
        );
        check(
            sight(true, Some(LookBack::All), false),
            "Yard",
            Lang::En,
            "Yard: live, recordings",
        );
        let room = "ä".repeat(80 - 37);
        let long = format!("{room}…: Live, Aufnahmen 2160 h, Einrichten");
        check(all, &"ä".repeat(80), Lang::De, &long);
    }

    #[test]
    fn own_and_wider_are_told_apart() {
        let role = |n: u8, name: &str, built_in, rights| Role {
            id: RoleId::from_bytes([n; 16]),
            name: name.to_owned(),
            built_in,
            rights,
        };
        let everywhere = Right {
            permission: Permission::VideoLive,
            scope: Scope::Org,
            limits: Limits::default(),
        };
        let elsewhere = CameraGroupId::from_bytes([2; 16]);
        let one = sight(true, Some(LookBack::Hours(24)), false);
        let known = [
            role(1, "Leitung", Some(BuiltIn::Officer), vec![everywhere]),
            role(2, "Halle: …", None, one.rights(GROUP)),
            role(3, "Hof: …", None, one.rights(elsewhere)),
        ];
        let id = |n| RoleId::from_bytes([n; 16]);
        let standing = Standing::of(&[id(1), id(2), id(3)], &known, GROUP);
        assert_eq!(standing.own, one);
        let wider = vec![("Leitung".to_owned(), sight(true, None, false))];
        assert_eq!(standing.wider, wider);
        let nothing = Standing::of(&[id(3)], &known, GROUP);
        assert!(nothing.own.is_nothing() && nothing.wider.is_empty());
    }
}
