//! Alarm: intake, answer, delivery, monitor.
