//! Tells the hub about gaps: when they begin, and how they end.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::{GapId, chain};
use media::wire::{Gap, GapsRequest};
use tracing::warn;

use super::model::{self, Verdict};
use super::{LOOK, Uploader};
use crate::pace::Pace;
use crate::spool::gaps as files;

/// So many in one request.
const MOST: usize = 100;

pub(super) async fn run(uploader: Arc<Uploader>) {
    let mut told = BTreeSet::new();
    let mut pace = Pace::new(uploader.most);
    loop {
        let pause = match round(&uploader, &mut told, &mut pace).await {
            Ok(pause) => pause,
            Err(error) => {
                warn!(error = %chain(&error), "gaps can't be read");
                Some(LOOK)
            }
        };
        if let Some(pause) = pause {
            uploader.clock.sleep(pause).await;
            continue;
        }
        tokio::select! {
            () = uploader.spool.gaps.notified() => {}
            () = uploader.clock.sleep(LOOK) => {}
        }
    }
}

/// Tells what is new. Gives a pause when there is more to do.
async fn round(
    uploader: &Uploader,
    told: &mut BTreeSet<GapId>,
    pace: &mut Pace,
) -> io::Result<Option<Duration>> {
    let mut gaps = files::read(&uploader.spool, MOST)?;
    gaps.retain(|it| it.to.is_some() || !told.contains(&it.id));
    if gaps.is_empty() {
        return Ok(None);
    }
    let mut verdict = tell(uploader, &gaps).await;
    if verdict == Verdict::Drop && gaps.len() > 1 {
        // One of them is not taken: the others shall not wait for it.
        gaps.truncate(1);
        verdict = tell(uploader, &gaps).await;
    }
    if let Verdict::Wait(asked) = verdict {
        return Ok(Some(pace.failed(asked, &*uploader.rng)));
    }
    pace.worked();
    for gap in &gaps {
        if gap.to.is_some() {
            files::remove(&uploader.spool, gap.id)?;
            told.remove(&gap.id);
        } else {
            told.insert(gap.id);
        }
    }
    Ok(Some(Duration::ZERO))
}

async fn tell(uploader: &Uploader, gaps: &[Gap]) -> Verdict {
    let request = GapsRequest {
        gaps: gaps.to_vec(),
    };
    let answer = uploader.hub.gaps(&request).await;
    model::gap(&answer)
}
