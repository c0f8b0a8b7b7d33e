//! How wide what is printed may be.

use std::borrow::Cow;

use console::Term;

/// The columns of the terminal that standard output is; `None` where it is a
/// file or a pipe.
pub fn of_stdout() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(usize::from(columns)).filter(|&it| it > 0)
}

/// As much of a line as a terminal of this width bears.
pub fn cut(line: &str, width: Option<usize>) -> Cow<'_, str> {
    match width {
        Some(width) => console::truncate_str(line, width, "..."),
        None => Cow::Borrowed(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_to_the_width_and_its_colours_end() {
        assert_eq!(cut("twelve chars", Some(12)), "twelve chars");
        assert_eq!(cut("twelve chars", Some(11)), "twelve c...");
        assert_eq!(cut("twelve chars", None), "twelve chars");
        let red = "\u{1b}[31mtwelve chars\u{1b}[0m";
        assert_eq!(cut(red, Some(8)), "\u{1b}[31mtwelv...\u{1b}[0m");
    }
}
