//! What the scene shows: the yard of a fire station, somebody who walks across it, a light that blinks.
//!
//! Most of it is made of whole macroblocks of one colour, which cost a few bytes; letters and the walker
//! are literal pixels.

use base::Timestamp;

use super::canvas::{Canvas, Colour, MB};
use super::strip::{STRIP_COLUMNS, STRIP_ROWS, Strip};
use super::{Options, SceneError};

const BLACK: Colour = Colour::grey(16);
const WHITE: Colour = Colour::grey(235);

/// Milliseconds that the walker takes for a step.
const STEP: i64 = 200;

/// Colours by day and by night.
struct Palette {
    sky: [Colour; 4],
    wall: Colour,
    roof: Colour,
    door: Colour,
    pane: Colour,
    window: Colour,
    tower: Colour,
    yard: Colour,
    line: Colour,
    walker: Colour,
    skin: Colour,
}

const DAY: Palette = Palette {
    sky: [
        Colour::new(150, 152, 110),
        Colour::new(160, 148, 114),
        Colour::new(170, 144, 118),
        Colour::new(180, 140, 122),
    ],
    wall: Colour::new(176, 118, 136),
    roof: Colour::new(84, 122, 138),
    door: Colour::new(74, 104, 200),
    pane: Colour::new(150, 140, 120),
    window: Colour::new(110, 138, 122),
    tower: Colour::new(152, 120, 136),
    yard: Colour::new(104, 128, 128),
    line: Colour::new(190, 126, 130),
    walker: Colour::new(52, 140, 118),
    skin: Colour::new(140, 110, 154),
};

const NIGHT: Palette = Palette {
    sky: [
        Colour::new(26, 138, 124),
        Colour::new(30, 140, 124),
        Colour::new(34, 142, 122),
        Colour::new(40, 142, 122),
    ],
    wall: Colour::new(66, 124, 132),
    roof: Colour::new(36, 128, 130),
    door: Colour::new(44, 118, 162),
    pane: Colour::new(60, 130, 128),
    window: Colour::new(170, 88, 142),
    tower: Colour::new(56, 126, 130),
    yard: Colour::new(46, 130, 126),
    line: Colour::new(96, 126, 130),
    walker: Colour::new(150, 100, 140),
    skin: Colour::new(120, 116, 146),
};

/// Draws the scene upon its canvas.
#[derive(Debug)]
pub(super) struct Painter {
    background: Canvas,
    /// One step of the drawing, a whole number of macroblocks, in pixels.
    unit: i32,
    width: i32,
    /// Where the text begins, in pixels from the top.
    text: i32,
    noise: usize,
}

impl Painter {
    pub(super) fn new(options: &Options) -> Result<Self, SceneError> {
        let side = |it: u32| i32::try_from(it).map_err(|_| SceneError::Size);
        let (width, height) = (side(options.width)?, side(options.height)?);
        let unit = 16 * (height / 360).clamp(1, width / 576);
        let blocks = |it: i32| usize::try_from(it.cast_unsigned().div_ceil(16)).unwrap_or(0);
        let mut painter = Self {
            background: Canvas::new(blocks(width), blocks(height)),
            unit,
            width,
            text: (height / 16 * 16) - 2 * unit,
            noise: 0,
        };
        painter.still(if options.night { &NIGHT } else { &DAY });
        painter.name(&options.name);
        Ok(painter)
    }

    /// A canvas with what never moves.
    pub(super) fn canvas(&self) -> Canvas {
        let mut canvas = self.background.clone();
        canvas.touched.fill(false);
        canvas
    }

    /// Fills so many macroblocks with noise from now on.
    pub(super) fn set_noise(&mut self, blocks: usize) {
        self.noise = blocks.min(self.background.planes.blocks() / 2);
    }

    /// Puts back what moved before, then draws what moves now.
    pub(super) fn moving(
        &self,
        canvas: &mut Canvas,
        options: &Options,
        counter: u32,
        at: Timestamp,
    ) {
        canvas.changed.clone_from(&canvas.touched);
        canvas.touched.fill(false);
        for block in (0..canvas.changed.len()).filter(|it| canvas.changed[*it]) {
            let samples = self.background.planes.block(block);
            canvas.planes.set_block(block, &samples);
        }
        let palette = if options.night { &NIGHT } else { &DAY };
        let millis = at.as_millisecond();
        self.light(canvas, millis);
        self.walker(canvas, palette, millis);
        self.noise(canvas, counter);
        self.time(canvas, options, millis);
        strip(canvas, counter, millis);
        for (changed, touched) in canvas.changed.iter_mut().zip(&canvas.touched) {
            *changed |= touched;
        }
    }

    fn units(&mut self, x: i32, y: i32, width: i32, height: i32, colour: Colour) {
        let u = self.unit;
        self.background
            .rect(x * u, y * u, width * u, height * u, colour);
    }

    /// Sky, station with three doors and a tower, the yard. Positions are in units; 36 of them always fit.
    fn still(&mut self, palette: &Palette) {
        let right = self.width / self.unit + 2;
        let below = self.text / self.unit;
        let ground = (below * 2 / 3).max(11);
        for (row, colour) in (0..).zip(palette.sky) {
            let from = ground * row / 4;
            self.units(0, from, right, ground * (row + 1) / 4 - from, colour);
        }
        self.units(0, ground, right, 200, palette.yard);
        let top = ground - 7;
        self.units(5, top, 22, 7, palette.wall);
        self.units(4, top, 24, 1, palette.roof);
        for door in 0..3 {
            let x = 6 + door * 7;
            self.units(x, top + 3, 6, 4, palette.door);
            self.units(x + 1, top + 4, 4, 1, palette.pane);
            self.units(x + 1, top + 1, 2, 1, palette.window);
            self.units(x + 4, top + 1, 1, 1, palette.window);
        }
        self.units(29, ground - 10, 4, 10, palette.tower);
        self.units(30, ground - 8, 2, 2, palette.window);
        self.units(28, ground - 10, 6, 1, palette.roof);
        for x in (1..right).step_by(4) {
            self.units(x, below - 2, 2, 1, palette.line);
        }
    }

    fn name(&mut self, name: &str) {
        let (unit, top) = (self.unit, self.text);
        self.background
            .rect(0, top, self.width + 16, 3 * unit, BLACK);
        let fits = usize::try_from(self.width / unit).unwrap_or(0);
        let name: String = name.chars().take(fits).collect();
        self.background.text(0, top, unit / 16, &name, WHITE);
    }

    /// On top of the tower; one second bright, one second dark.
    fn light(&self, canvas: &mut Canvas, millis: i64) {
        let bright = millis.div_euclid(1000).rem_euclid(2) == 0;
        let colour = if bright {
            Colour::new(150, 90, 220)
        } else {
            Colour::new(60, 118, 150)
        };
        let ground = (self.text / self.unit * 2 / 3).max(11);
        let u = self.unit;
        canvas.rect(30 * u, (ground - 10) * u, u, u, colour);
    }

    /// Walks to the right at about two units a second and turns up again on the left. Five steps a second.
    fn walker(&self, canvas: &mut Canvas, palette: &Palette, millis: i64) {
        let u = self.unit;
        let step = millis.div_euclid(STEP);
        let along = i32::try_from(step.rem_euclid(self.steps())).unwrap_or(0);
        let x = along * u * 2 / 5 - 2 * u;
        let ground = (self.text / u * 2 / 3).max(11) * u;
        let foot = (ground + 2 * u + u / 2).min(self.text - 2 * u);
        let e = u / 8;
        let swing = if along % 2 == 0 { e } else { -e };
        canvas.rect(x + 3 * e, foot - 24 * e, 4 * e, 4 * e, palette.skin);
        canvas.rect(x + 2 * e, foot - 20 * e, 6 * e, 10 * e, palette.walker);
        canvas.rect(
            x + 3 * e + swing,
            foot - 10 * e,
            2 * e,
            10 * e,
            palette.walker,
        );
        canvas.rect(
            x + 5 * e - swing,
            foot - 10 * e,
            2 * e,
            10 * e,
            palette.walker,
        );
        canvas.rect(
            x + 5 * e + 2 * swing,
            foot - 18 * e,
            2 * e,
            7 * e,
            palette.skin,
        );
    }

    /// How many steps lead from one side to the other.
    fn steps(&self) -> i64 {
        i64::from(self.width / self.unit + 4) * 5 / 2
    }

    /// A time, in milliseconds since 1970, when the walker is in the middle.
    pub(super) fn halfway(&self) -> i64 {
        self.steps() / 2 * STEP
    }

    /// Date, time and offset below the name, a macroblock a letter.
    fn time(&self, canvas: &mut Canvas, options: &Options, millis: i64) {
        let u = self.unit;
        let text = clock(millis, options.zone_minutes);
        canvas.rect(0, self.text + u, u * 30, u, BLACK);
        canvas.text(0, self.text + u, u / 16, &text, WHITE);
    }

    /// Upwards from the text. Quick and repeatable rather than good chance.
    fn noise(&self, canvas: &mut Canvas, counter: u32) {
        if self.noise == 0 {
            return;
        }
        let last = usize::try_from(self.text).unwrap_or(0) / MB * canvas.planes.columns;
        let mut state = (u64::from(counter) << 1 | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for block in last.saturating_sub(self.noise)..last {
            let mut samples = [128; 384];
            for eight in samples[..256].chunks_exact_mut(8) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                for (sample, byte) in eight.iter_mut().zip(state.to_le_bytes()) {
                    *sample = 64 + byte % 128;
                }
            }
            canvas.planes.set_block(block, &samples);
            canvas.touched[block] = true;
        }
    }
}

fn strip(canvas: &mut Canvas, counter: u32, millis: i64) {
    let strip = Strip {
        counter,
        millis: u64::try_from(millis).unwrap_or(0) & 0xffff_ffff_ffff,
    };
    for row in 0..STRIP_ROWS {
        for column in 0..STRIP_COLUMNS {
            let colour = if strip.cell(row, column) {
                WHITE
            } else {
                BLACK
            };
            let at = |it: u32| i32::try_from(it * 16).unwrap_or(0);
            canvas.rect(at(column), at(row), 16, 16, colour);
        }
    }
}

/// `2026-11-22 08:15:30.123Z`, or `+01:00` at the end.
fn clock(millis: i64, zone_minutes: i32) -> String {
    let local = millis.saturating_add(i64::from(zone_minutes) * 60_000);
    let (day, rest) = (local.div_euclid(86_400_000), local.rem_euclid(86_400_000));
    let (year, month, date) = civil(day);
    let (h, m, s, ms) = (
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1000 % 60,
        rest % 1000,
    );
    let zone = if zone_minutes == 0 {
        "Z".to_owned()
    } else {
        let sign = if zone_minutes < 0 { '-' } else { '+' };
        let minutes = zone_minutes.unsigned_abs();
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    };
    format!("{year:04}-{month:02}-{date:02} {h:02}:{m:02}:{s:02}.{ms:03}{zone}")
}

/// Year, month and day of a number of days since 1970 in the Gregorian calendar, by counting eras of 400
/// years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_date_and_time() {
        assert_eq!(clock(0, 0), "1970-01-01 00:00:00.000Z");
        assert_eq!(clock(951_782_399_999, 0), "2000-02-28 23:59:59.999Z");
        assert_eq!(clock(951_782_400_000, 60), "2000-02-29 01:00:00.000+01:00");
        assert_eq!(
            clock(1_795_335_330_123, -210),
            "2026-11-22 04:45:30.123-03:30"
        );
    }
}
