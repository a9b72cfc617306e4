//! Rust source split in two texts of equal shape: the code with comments and literals blanked out, and the
//! comments with everything else blanked out. Lines and columns stay where they were, so a word found in
//! either is found in the file.
//!
//! A scanner of characters, not a parser: it knows strings, raw strings, characters, lifetimes and nested
//! comments, and nothing of what the code means.

/// The two texts.
pub(crate) struct Split {
    /// Code; comments and the insides of literals are spaces.
    pub(crate) code: String,
    /// Comments, documentation included; code is spaces.
    pub(crate) comments: String,
}

/// What the scanner stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Code,
    LineComment,
    BlockComment { depth: usize },
    Text,
    RawText { hashes: usize },
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    within: Within,
    split: Split,
}

/// Splits one file.
pub(crate) fn split(text: &str) -> Split {
    let mut scanner = Scanner {
        chars: text.chars().collect(),
        at: 0,
        within: Within::Code,
        split: Split { code: String::with_capacity(text.len()), comments: String::with_capacity(text.len()) },
    };
    while scanner.at < scanner.chars.len() {
        match scanner.within {
            Within::Code => scanner.in_code(),
            Within::LineComment => scanner.in_line_comment(),
            Within::BlockComment { depth } => scanner.in_block_comment(depth),
            Within::Text => scanner.in_text(),
            Within::RawText { hashes } => scanner.in_raw_text(hashes),
        }
    }
    scanner.split
}

impl Scanner {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Takes `count` characters; the text they belong to gets them, the other gets spaces.
    fn take(&mut self, count: usize, code: bool, comment: bool) {
        for _ in 0..count {
            let c = self.peek(0);
            self.at += 1;
            if c == '\0' {
                continue;
            }
            let blank = if c == '\n' { '\n' } else { ' ' };
            self.split.code.push(if code { c } else { blank });
            self.split.comments.push(if comment { c } else { blank });
        }
    }

    fn in_code(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => self.within = Within::LineComment,
            ('/', '*') => {
                self.take(2, false, true);
                self.within = Within::BlockComment { depth: 1 };
            }
            ('"', _) => {
                self.take(1, true, false);
                self.within = Within::Text;
            }
            ('r', '"' | '#') if !self.after_a_name() => self.raw_text_or_name(),
            ('\'', _) => self.character_or_lifetime(),
            _ => self.take(1, true, false),
        }
    }

    /// Whether the character before this one belongs to a name (`bar"` opens no raw string; `br"` does).
    fn after_a_name(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).and_then(|at| self.chars.get(at)).copied();
        let of_a_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if matches!(before(1), Some('b' | 'c')) { of_a_name(before(2)) } else { of_a_name(before(1)) }
    }

    fn raw_text_or_name(&mut self) {
        let mut hashes = 0_usize;
        while self.peek(hashes + 1) == '#' {
            hashes += 1;
        }
        if self.peek(hashes + 1) == '"' {
            self.take(hashes + 2, true, false);
            self.within = Within::RawText { hashes };
        } else {
            self.take(1, true, false);
        }
    }

    fn character_or_lifetime(&mut self) {
        if self.peek(1) == '\\' {
            self.take(3, false, false);
            while !matches!(self.peek(0), '\'' | '\n' | '\0') {
                self.take(1, false, false);
            }
            self.take(1, false, false);
        } else if self.peek(2) == '\'' {
            self.take(3, false, false);
        } else {
            self.take(1, true, false);
        }
    }

    fn in_line_comment(&mut self) {
        if self.peek(0) == '\n' {
            self.within = Within::Code;
        }
        self.take(1, false, true);
    }

    fn in_block_comment(&mut self, depth: usize) {
        let (step, depth) = match (self.peek(0), self.peek(1)) {
            ('*', '/') => (2, depth.saturating_sub(1)),
            ('/', '*') => (2, depth + 1),
            _ => (1, depth),
        };
        self.take(step, false, true);
        self.within = if depth == 0 { Within::Code } else { Within::BlockComment { depth } };
    }

    fn in_text(&mut self) {
        match self.peek(0) {
            '\\' => self.take(2, false, false),
            '"' => {
                self.take(1, true, false);
                self.within = Within::Code;
            }
            _ => self.take(1, false, false),
        }
    }

    fn in_raw_text(&mut self, hashes: usize) {
        let closes = self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#');
        if closes {
            self.take(hashes + 1, true, false);
            self.within = Within::Code;
        } else {
            self.take(1, false, false);
        }
    }
}
