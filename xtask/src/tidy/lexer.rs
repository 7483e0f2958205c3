//! Splits Rust into code and text: what the rules need to tell `SELECT` in a comment from SQL.
//!
//! Not a parser. Knows comments, every form of string, characters and lifetimes; lines keep their
//! numbers.

/// A Rust file taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lexed {
    /// The code, line by line, without comments and with emptied strings.
    pub(super) lines: Vec<String>,
    /// The strings and the lines they begin on, counted from 1.
    pub(super) strings: Vec<(usize, String)>,
    /// The first line of the tests at the end of the file.
    pub(super) tests_from: usize,
}

/// Takes a file apart.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
        code: String::new(),
        strings: Vec::new(),
    };
    lexer.run();
    let lines: Vec<String> = lexer.code.split('\n').map(str::to_owned).collect();
    let tests_from = tests_from(&lines);
    Lexed {
        lines,
        strings: lexer.strings,
        tests_from,
    }
}

/// `#[cfg(test)]` with a module after it; by convention the tests are last.
fn tests_from(lines: &[String]) -> usize {
    for (n, line) in lines.iter().enumerate() {
        if line.trim() == "#[cfg(test)]" {
            let next = lines[n + 1..].iter().find(|it| {
                let it = it.trim();
                !it.is_empty() && !it.starts_with("#[")
            });
            if next.is_some_and(|it| it.contains("mod ") && it.contains('{')) {
                return n + 1;
            }
        }
    }
    usize::MAX
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(next) = self.rest.chars().next() {
            if self.rest.starts_with("//") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.skip(end);
            } else if self.rest.starts_with("/*") {
                self.block_comment();
            } else if next == '"' {
                self.string();
            } else if next == '\'' {
                self.quote();
            } else if next.is_alphanumeric() || next == '_' {
                self.word();
            } else {
                self.keep(next.len_utf8());
            }
        }
    }

    /// Moves on and keeps the line breaks.
    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at(bytes);
        for _ in gone.matches('\n') {
            self.code.push('\n');
            self.line += 1;
        }
        self.rest = rest;
    }

    fn keep(&mut self, bytes: usize) {
        let (kept, rest) = self.rest.split_at(bytes);
        self.line += kept.matches('\n').count();
        self.code.push_str(kept);
        self.rest = rest;
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        let mut at = 0;
        loop {
            let rest = &self.rest[at..];
            if rest.starts_with("/*") {
                depth += 1;
                at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                at += 2;
            } else {
                match rest.chars().next() {
                    Some(it) => at += it.len_utf8(),
                    None => break,
                }
            }
            if depth == 0 {
                break;
            }
        }
        self.skip(at);
    }

    /// A word, which may turn out to begin a raw or a byte string.
    fn word(&mut self) {
        let end = self
            .rest
            .find(|it: char| !it.is_alphanumeric() && it != '_')
            .unwrap_or(self.rest.len());
        let raw = matches!(&self.rest[..end], "r" | "br" | "cr");
        let after = &self.rest[end..];
        let hashes = after.len() - after.trim_start_matches('#').len();
        if raw && after[hashes..].starts_with('"') {
            self.skip(end + hashes + 1);
            let close = format!("\"{}", "#".repeat(hashes));
            let content = self.rest.find(&close).unwrap_or(self.rest.len());
            self.take_string(content, close.len());
        } else {
            self.keep(end);
        }
    }

    fn string(&mut self) {
        self.skip(1);
        let mut escaped = false;
        let end = self.rest.find(|it| {
            let ends = it == '"' && !escaped;
            escaped = it == '\\' && !escaped;
            ends
        });
        self.take_string(end.unwrap_or(self.rest.len()), 1);
    }

    fn take_string(&mut self, content: usize, close: usize) {
        self.strings
            .push((self.line, self.rest[..content].to_owned()));
        self.code.push_str("\"\"");
        self.skip((content + close).min(self.rest.len()));
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        let mut rest = self.rest.char_indices().skip(1);
        let length = match (rest.next(), rest.next()) {
            (Some((_, '\\')), Some((at, it))) => {
                let from = at + it.len_utf8();
                self.rest[from..].find('\'').map(|it| from + it + 1)
            }
            (Some(_), Some((at, '\''))) => Some(at + 1),
            _ => None,
        };
        match length {
            Some(length) => {
                self.code.push_str("' '");
                self.skip(length);
            }
            None => self.keep(1),
        }
    }
}

/// Whether a path such as `std::fs` or a word such as `axum` stands in a line of code.
pub(super) fn names(line: &str, word: &str) -> bool {
    let part_of_word = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_code_and_text() {
        let lexed = lex(
            "let a = \"x \\\" y\"; // \"no\"\n/* a /* b */ \"no\" */ r#\"r\"s\"#; '\"'; &'a b\"z\"",
        );
        assert_eq!(lexed.lines, ["let a = \"\"; ", " \"\"; ' '; &'a b\"\""]);
        let strings: Vec<_> = lexed
            .strings
            .iter()
            .map(|(n, it)| (*n, it.as_str()))
            .collect();
        assert_eq!(strings, [(1, "x \\\" y"), (2, "r\"s"), (2, "z")]);
    }

    #[test]
    fn keeps_line_numbers() {
        let lexed = lex("\"a\nb\";\n'\\''; '\\u{41}'; \"c\"");
        assert_eq!(lexed.strings, [(1, "a\nb".to_owned()), (3, "c".to_owned())]);
        assert_eq!(lexed.lines.len(), 3);
    }

    #[test]
    fn survives_what_is_cut_short() {
        for text in [
            "\"abc",
            "r##\"abc\"#",
            "/* abc",
            "'",
            "'\\",
            "b'",
            "\"abc\\",
        ] {
            lex(text);
        }
    }

    #[test]
    fn finds_the_tests() {
        assert_eq!(lex("a\n#[cfg(test)]\nmod tests {\n}").tests_from, 2);
        assert_eq!(lex("a\n#[cfg(test)]\nmod tests;\nb").tests_from, usize::MAX);
    }

    #[test]
    fn finds_words() {
        assert!(names("use axum::Router;", "axum"));
        assert!(!names("use utoipa_axum::Router;", "axum"));
        assert!(names("std::fs::read()", "std::fs"));
    }
}
