//! Puts it together: configuration, routes, workers, start-up checks, demo.
