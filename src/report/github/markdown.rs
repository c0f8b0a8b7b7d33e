//! A page of Markdown that is never longer than it may be.

use super::command::cut;

/// What is kept free for the ends of a table and for the sentence that says what
/// is left out.
const RESERVE: usize = 400;

/// The longest text in a cell; a page of a thousand such cells still fits.
const CELL: usize = 600;

/// A page with room for so many bytes. Rows of tables that do not fit are left
/// out, and the page says so.
pub struct Document {
    text: String,
    room: usize,
    left_out: usize,
}

impl Document {
    /// An empty page; none where there is no room for a sentence.
    pub fn within(room: usize) -> Option<Document> {
        (room > 2 * RESERVE).then(|| Document {
            text: String::new(),
            room,
            left_out: 0,
        })
    }

    /// Adds a paragraph that is Markdown already.
    pub fn paragraph(&mut self, markdown: &str) {
        let paragraph = format!("{markdown}\n\n");
        if self.fits(&paragraph) {
            self.text.push_str(&paragraph);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds a table whose cells are Markdown already, under a line to unfold it
    /// by where there is one. A table without rows is none.
    pub fn table(&mut self, folded: Option<&str>, head: &[&str], rows: &[Vec<String>]) {
        let Some(first) = rows.first() else { return };
        let (opening, closing) = match folded {
            Some(title) => (
                format!("<details><summary>{}</summary>\n\n", escape(title)),
                "\n</details>\n\n",
            ),
            None => (String::new(), "\n"),
        };
        let names: Vec<String> = head.iter().map(|it| (*it).to_owned()).collect();
        let rule = vec!["---".to_owned(); head.len()];
        let opening = format!("{opening}{}{}", row(&names), row(&rule));
        if self.left_out > 0 || !self.fits(&format!("{opening}{}", row(first))) {
            self.left_out += rows.len();
            return;
        }
        self.text.push_str(&opening);
        for cells in rows {
            let line = row(cells);
            // Once a row is left out, those behind it are, so that what is shown
            // has no gaps.
            if self.left_out == 0 && self.fits(&line) {
                self.text.push_str(&line);
            } else {
                self.left_out += 1;
            }
        }
        self.text.push_str(closing);
    }

    /// The whole page.
    pub fn finish(mut self) -> String {
        if self.left_out > 0 {
            self.text.push_str(&format!(
                "**{} more rows are left out**, because GitHub takes 1 MiB of summary from a step. The log and the recording have all of them.\n\n",
                self.left_out
            ));
        }
        self.text
    }

    fn fits(&self, more: &str) -> bool {
        self.text.len() + more.len() + RESERVE <= self.room
    }
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Plain text, so that none of it is taken for Markdown or HTML: not for a table's
/// bars, nor for a mention or an issue of the repository that shows the page.
pub fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("<br>"),
            '\t' => escaped.push(' '),
            c if c.is_control() => {}
            '&' | '<' | '>' | '|' | '`' | '*' | '_' | '~' | '[' | ']' | '\\' | '#' | '@' | '$' => {
                escaped.push_str(&format!("&#{};", u32::from(c)));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Plain text in a cell, cut where it is long.
pub fn cell(text: &str) -> String {
    escape(&cut(text.trim(), CELL))
}

/// A code span. As HTML, since a span in backticks ends at a backtick and a cell at
/// a bar.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            escape("a|b `c` <b> & [d](e)\n#7 @f \u{1b}[1m"),
            "a&#124;b &#96;c&#96; &#60;b&#62; &#38; &#91;d&#93;(e)<br>&#35;7 &#64;f &#91;1m"
        );
        assert_eq!(code("x | y"), "<code>x &#124; y</code>");
        assert!(cell(&"x".repeat(9_999)).ends_with("x..."));
    }

    #[test]
    fn a_page_is_no_longer_than_its_room_and_says_what_it_left_out() {
        let rows: Vec<Vec<String>> = (0..1_000).map(|it| vec![format!("row {it}")]).collect();
        let page = |room| {
            let mut page = Document::within(room).unwrap();
            page.paragraph("head");
            page.table(Some("all"), &["what"], &rows);
            page.table(None, &["what"], &rows[..1]);
            page.finish()
        };
        let whole = page(1_000_000);
        assert!(whole.contains("| row 999 |\n\n</details>"), "{whole}");
        assert!(!whole.contains("left out"));
        let cut = page(2_000);
        assert!(cut.len() <= 2_000, "{}", cut.len());
        let shown = cut.matches("| row ").count();
        assert!((50..999).contains(&shown), "{shown}");
        let lost = format!("**{} more rows are left out**", 1_001 - shown);
        assert!(cut.contains("</details>") && cut.contains(&lost), "{cut}");
        assert!(Document::within(700).is_none());
        for room in 801..1_200 {
            assert!(page(room).len() <= room);
        }
    }
}
