//! The machine beside each figure: processor, cores, load, and the share of time that went to others.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::fs;

/// How much time the machine had given away when the watch began, and how busy it was then.
pub(crate) struct Machine {
    total: f64,
    steal: f64,
    load: f64,
}

impl Machine {
    /// Begins to watch. The load is that of before: what the bench itself causes says nothing about noise.
    pub(crate) fn watch() -> Result<Self> {
        let (total, steal) =
            times(&fs::read_to_string("/proc/stat")?).context("/proc/stat is not as expected")?;
        let load = fs::read_to_string("/proc/loadavg")?;
        let load = load.split(' ').next().unwrap_or_default().parse()?;
        Ok(Self { total, steal, load })
    }

    /// What is printed beside a figure that was measured since the watch began.
    pub(crate) fn describe(&self) -> Result<Value> {
        let now = Self::watch()?;
        let passed = (now.total - self.total).max(1.0);
        let steal = 100.0 * (now.steal - self.steal) / passed;
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let cpu = cpus
            .lines()
            .find_map(|it| it.strip_prefix("model name")?.split_once(": "));
        Ok(json!({
            "cpu": cpu.map_or("unknown", |it| it.1),
            "cores": std::thread::available_parallelism()?,
            "load": self.load,
            "steal_percent": (steal * 10.0).round() / 10.0,
        }))
    }
}

/// All ticks, and the stolen ones, from the first line of `/proc/stat`.
fn times(stat: &str) -> Option<(f64, f64)> {
    let fields: Vec<f64> = stat
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .take(8)
        .filter_map(|it| it.parse().ok())
        .collect();
    Some((fields.iter().sum(), *fields.get(7)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ticks() {
        let stat = "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1";
        assert_eq!(times(stat), Some((36.0, 8.0)));
        assert_eq!(times("cpu 1 2"), None);
    }
}
