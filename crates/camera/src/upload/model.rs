//! What an answer of the hub means for what was sent: pure rules.

use media::wire::AGENT_REVOKED;

use crate::hub::HubError;

/// The problem's code with which the hub refuses a bucket whose deadline has passed.
pub(crate) const PAST_DEADLINE: &str = "past_deadline";

/// The problem's code for a body that did not arrive whole.
const CUT: &str = "truncated_body";

/// The problem's code for an hour that has not come yet by the hub's clock.
const AHEAD: &str = "ahead_of_time";

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is there.
    Done,
    /// Nobody may keep it any more, and nobody could open it: its deadline has passed, or its camera was deleted at the
    /// hub, which takes and gives no share of its keys from then on. Remove it.
    Drop,
    /// The hub will never take it: keep it aside and tell.
    Refuse,
    /// The hub does not know its bucket: announce that first.
    Announce,
    /// Not now; wait at least so many seconds.
    Wait(Option<u64>),
}

/// What the answer to a segment means.
pub(crate) fn segment(answer: &Result<(), HubError>) -> Verdict {
    match status(answer) {
        Answer::Fine => Verdict::Done,
        Answer::Problem(_, after) if is_passing(answer) => Verdict::Wait(after),
        Answer::Problem(410, _) => Verdict::Drop,
        Answer::Problem(404, _) => Verdict::Announce,
        Answer::Problem(400 | 422, after) if problem(answer) == CUT => Verdict::Wait(after),
        Answer::Problem(400 | 403 | 409 | 413 | 415 | 422, _) => Verdict::Refuse,
        Answer::Problem(_, after) => Verdict::Wait(after),
        Answer::None => Verdict::Wait(None),
    }
}

/// What the answer to a bucket means, for it and all its segments.
pub(crate) fn bucket(answer: &Result<(), HubError>) -> Verdict {
    match status(answer) {
        Answer::Fine => Verdict::Done,
        Answer::Problem(_, after) if is_passing(answer) => Verdict::Wait(after),
        Answer::Problem(410, _) => Verdict::Drop,
        Answer::Problem(422, _) if problem(answer) == PAST_DEADLINE => Verdict::Drop,
        Answer::Problem(400 | 403 | 404 | 409 | 413 | 415 | 422, _) => Verdict::Refuse,
        Answer::Problem(_, after) => Verdict::Wait(after),
        Answer::None => Verdict::Wait(None),
    }
}

/// What the answer to a gap means.
pub(crate) fn gap(answer: &Result<(), HubError>) -> Verdict {
    match status(answer) {
        Answer::Fine => Verdict::Done,
        Answer::Problem(_, after) if problem(answer) == AGENT_REVOKED => Verdict::Wait(after),
        Answer::Problem(400 | 403 | 404 | 409 | 410 | 413 | 415 | 422, _) => Verdict::Drop,
        Answer::Problem(_, after) => Verdict::Wait(after),
        Answer::None => Verdict::Wait(None),
    }
}

/// Whether waiting may help where the status alone says it never will. What bears none of the hub's codes was said
/// by something before it, a proxy perhaps, and must not cost a recording. That the agent was revoked says nothing about
/// what it brings: the channel ends it, and what waits stays as it is.
fn is_passing(answer: &Result<(), HubError>) -> bool {
    ["", AHEAD, AGENT_REVOKED].contains(&problem(answer))
}

enum Answer {
    Fine,
    Problem(u16, Option<u64>),
    None,
}

fn status(answer: &Result<(), HubError>) -> Answer {
    match answer {
        Ok(()) => Answer::Fine,
        Err(HubError::Refused {
            status,
            retry_after,
            ..
        }) => Answer::Problem(*status, *retry_after),
        Err(_) => Answer::None,
    }
}

fn problem(answer: &Result<(), HubError>) -> &str {
    answer.as_ref().err().map_or("", HubError::problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::wire::CAMERA_DELETED;

    fn answer(status: u16, code: &str) -> Result<(), HubError> {
        Err(HubError::Refused {
            status,
            code: code.to_owned(),
            retry_after: Some(7),
        })
    }

    #[track_caller]
    fn check(status: u16, of_segment: Verdict, of_bucket: Verdict) {
        assert_eq!(segment(&answer(status, "of_the_hub")), of_segment);
        assert_eq!(bucket(&answer(status, "of_the_hub")), of_bucket);
    }

    #[test]
    fn nothing_is_lost_but_what_must_go() {
        let wait = Verdict::Wait(Some(7));
        check(410, Verdict::Drop, Verdict::Drop);
        check(404, Verdict::Announce, Verdict::Refuse);
        check(409, Verdict::Refuse, Verdict::Refuse);
        check(403, Verdict::Refuse, Verdict::Refuse);
        check(422, Verdict::Refuse, Verdict::Refuse);
        for status in [401, 408, 425, 429, 500, 502, 503, 504, 507] {
            check(status, wait, wait);
            assert_eq!(gap(&answer(status, "")), wait);
        }
        for status in [403, 404, 409, 410, 413, 422] {
            assert_eq!(segment(&answer(status, "")), wait, "a proxy said {status}");
            assert_eq!(bucket(&answer(status, "")), wait, "a proxy said {status}");
        }
        assert_eq!(bucket(&answer(422, AHEAD)), wait);
        for verdict in [segment, bucket, gap] {
            assert_eq!(verdict(&answer(403, AGENT_REVOKED)), wait);
        }
        assert_eq!(segment(&answer(422, CUT)), wait);
        assert_eq!(bucket(&answer(422, PAST_DEADLINE)), Verdict::Drop);
        assert_eq!(bucket(&answer(410, CAMERA_DELETED)), Verdict::Drop);
        assert_eq!(segment(&Ok(())), Verdict::Done);
        assert_eq!(segment(&Err(HubError::Unintelligible)), Verdict::Wait(None));
        assert_eq!(gap(&answer(404, "")), Verdict::Drop);
    }
}
