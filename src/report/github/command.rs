//! Workflow commands that annotate: `::error file=F,line=L,title=T::message`.

use std::fmt;

/// What an annotation is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Red.
    Error,
    /// Yellow.
    Warning,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// A line of a file that an annotation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotationPlace {
    /// The file, relative to the checkout.
    pub file: String,
    /// The line, from 1 up.
    pub line: usize,
}

/// One annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// What it is shown as.
    pub level: Level,
    /// One line.
    pub title: String,
    /// Any number of lines.
    pub message: String,
    /// What it is about.
    pub place: Option<AnnotationPlace>,
}

impl Annotation {
    /// Of each level, GitHub shows so many for one step.
    pub const SHOWN: usize = 10;
    /// Longer titles are refused.
    const TITLE: usize = 255;
    /// GitHub's runner cuts a message at 4,096 characters.
    const MESSAGE: usize = 4_000;

    /// One that is about no file.
    pub fn new(level: Level, title: impl Into<String>, message: impl Into<String>) -> Annotation {
        Annotation {
            level,
            title: title.into(),
            message: message.into(),
            place: None,
        }
    }

    /// The same about a line of a file.
    pub fn at(self, place: Option<AnnotationPlace>) -> Annotation {
        Annotation { place, ..self }
    }
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "::{} ", self.level.name())?;
        if let Some(place) = &self.place {
            write!(f, "file={},line={},", property(&place.file), place.line)?;
        }
        let title = cut(&self.title, Annotation::TITLE);
        let message = cut(&self.message, Annotation::MESSAGE);
        write!(f, "title={}::{}", property(&title), data(&message))
    }
}

/// A message, on one line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// At most so many characters, the last of which say where more were.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 3).collect();
    format!("{kept}...")
}

/// Of these errors those that GitHub shows; the last one names the others, so that
/// none is lost without a word.
pub fn shown(mut errors: Vec<Annotation>) -> Vec<Annotation> {
    if errors.len() <= Annotation::SHOWN {
        return errors;
    }
    let rest = errors.split_off(Annotation::SHOWN - 1);
    let titles: Vec<&str> = rest.iter().map(|it| it.title.as_str()).collect();
    errors.push(Annotation::new(
        Level::Error,
        format!("{} more, which GitHub would not show", rest.len()),
        format!(
            "The log and the job summary have all of them.\n{}",
            titles.join("\n")
        ),
    ));
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let annotation = Annotation::new(Level::Error, "a: b, 100%\r\n", "x: y, 5%\r\nz ::error::");
        assert_eq!(
            annotation.to_string(),
            "::error title=a%3A b%2C 100%25%0D%0A::x: y, 5%25%0D%0Az ::error::"
        );
        let place = AnnotationPlace {
            file: "a,b:c/main.vera".to_owned(),
            line: 3,
        };
        let annotation = Annotation::new(Level::Warning, "t", "m").at(Some(place));
        assert_eq!(
            annotation.to_string(),
            "::warning file=a%2Cb%3Ac/main.vera,line=3,title=t::m"
        );
    }

    #[test]
    fn nothing_is_longer_than_what_github_takes() {
        let annotation = Annotation::new(Level::Error, "t".repeat(300), "ä".repeat(5_000));
        let text = annotation.to_string();
        let (head, message) = text.split_once("...::").expect("the title is cut");
        assert_eq!(head.len(), "::error title=".len() + 252);
        assert_eq!(message.chars().count(), 4_000);
        assert!(message.ends_with("ä..."), "{message}");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn the_tenth_error_names_those_that_would_be_lost() {
        let errors = |many: usize| {
            let error = |it| Annotation::new(Level::Error, format!("number {it}"), "");
            shown((1..=many).map(error).collect())
        };
        assert_eq!(errors(10).len(), 10);
        assert_eq!(errors(10)[9].title, "number 10");
        let many = errors(12);
        assert_eq!(many.len(), 10);
        assert_eq!(many[9].title, "3 more, which GitHub would not show");
        assert!(
            many[9].message.ends_with("number 10\nnumber 11\nnumber 12"),
            "{}",
            many[9].message
        );
    }
}
