//! Figures: collected run by run, printed as their medians.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::Plan;
use crate::machine::Machine;

/// The runs of one figure.
pub(crate) struct Figure {
    name: String,
    unit: &'static str,
    runs: Vec<f64>,
}

/// All figures of a bench.
pub(crate) struct Report {
    plan: Plan,
    machine: Machine,
    figures: Vec<Figure>,
}

impl Report {
    /// An empty report; from now on the machine is watched.
    pub(crate) fn new(plan: Plan) -> Result<Self> {
        Ok(Self {
            plan,
            machine: Machine::watch()?,
            figures: Vec::new(),
        })
    }

    /// Takes one run of a figure.
    pub(crate) fn take(&mut self, name: &str, unit: &'static str, value: f64) {
        eprintln!("  {name} {} {unit}", rounded(value));
        if let Some(known) = self.figures.iter_mut().find(|it| it.name == name) {
            known.runs.push(value);
            return;
        }
        self.figures.push(Figure {
            name: name.to_owned(),
            unit,
            runs: vec![value],
        });
    }

    /// Prints the median of each figure, one JSON object a line.
    pub(crate) fn print(self) -> Result<()> {
        let machine = self.machine.describe()?;
        let prefix = if self.plan.quick { "quick_" } else { "" };
        for Figure { name, unit, runs } in self.figures {
            let value = rounded(median(runs).context("no runs")?);
            let name = format!("{prefix}{name}");
            println!(
                "{}",
                json!({"name": name, "value": value, "unit": unit, "machine": machine})
            );
        }
        Ok(())
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*values.get(middle - 1)?, upper))
}

/// The value below which this share of sorted values lies (nearest rank).
pub(crate) fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_median() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn takes_the_percentile() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&sorted, 50), Some(100.0));
        assert_eq!(percentile(&sorted, 99), Some(198.0));
        assert_eq!(percentile(&sorted, 100), Some(200.0));
        assert_eq!(percentile(&[7.0], 99), Some(7.0));
        assert_eq!(percentile(&[], 50), None);
    }
}
