//! Which of the three surfaces a path belongs to. Decides the shape of errors and what may be asked how.

/// A surface and how it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Our own interface: JSON, problems as `application/problem+json`.
    Own,
    /// The compatible interface: JSON, `success` in every answer.
    Compatible,
    /// Pages and files: people read the errors.
    Page,
}

impl Surface {
    /// The surface of a path.
    pub fn of(path: &str) -> Self {
        let under = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if under("/api/obhut") {
            Self::Own
        } else if under("/api") || under("/ws") || under("/file") || path.starts_with("/monitor/") {
            Self::Compatible
        } else {
            Self::Page
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_their_surface() {
        let cases = [
            ("/api/obhut/v1/me", Surface::Own),
            ("/api/obhut", Surface::Own),
            ("/api/obhutx", Surface::Compatible),
            ("/api/alarm", Surface::Compatible),
            ("/api/v2/alarms", Surface::Compatible),
            ("/ws", Surface::Compatible),
            ("/monitor/1.html", Surface::Compatible),
            ("/monitor", Surface::Page),
            ("/apiary", Surface::Page),
            ("/", Surface::Page),
        ];
        for (path, want) in cases {
            assert_eq!(Surface::of(path), want, "{path}");
        }
    }
}
