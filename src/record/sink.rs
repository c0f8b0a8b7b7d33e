//! Where events go.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::event::Event;
use crate::case::Problem;

/// An event as a sink gets it, with the line that records it.
pub struct Occurrence<'a> {
    /// What happened.
    pub event: &'a Event,
    line: OnceCell<String>,
}

impl<'a> Occurrence<'a> {
    /// Of an event that happens now.
    pub fn new(event: &'a Event) -> Occurrence<'a> {
        Occurrence {
            event,
            line: OnceCell::new(),
        }
    }

    /// Of an event that was recorded as this line, by whichever version.
    pub fn recorded(event: &'a Event, line: &str) -> Occurrence<'a> {
        Occurrence {
            event,
            line: OnceCell::from(line.to_owned()),
        }
    }

    /// The line that records it; `None` for what is not recorded.
    pub fn line(&self) -> Option<&str> {
        let write = || serde_json::to_string(self.event).expect("events have string keys only");
        self.event
            .is_recorded()
            .then(|| self.line.get_or_init(write).as_str())
    }
}

/// Shows or keeps what happens. Events come from several threads.
pub trait Sink: Sync + Send {
    /// Takes an event.
    fn take(&self, it: &Occurrence<'_>);

    /// Writes what is still to be written, and says what could not be.
    fn close(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// Where the run is recorded, of the one sink that records in the history.
    fn recorded(&self) -> Option<Recorded> {
        None
    }
}

/// A run in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub run: i64,
    /// The file of the history.
    pub history: PathBuf,
}

/// All sinks of a use. What is shown is in the history: that one comes first. All
/// of them see events in the same order, from however many threads they come.
#[derive(Default)]
pub struct Sinks {
    sinks: Vec<Box<dyn Sink>>,
    turn: Mutex<()>,
}

impl Sinks {
    /// None yet: what happens goes nowhere.
    pub fn none() -> Sinks {
        Sinks::default()
    }

    /// The history, where there is one, and then these.
    pub fn new(history: Option<Box<dyn Sink>>, views: Vec<Box<dyn Sink>>) -> Sinks {
        Sinks {
            sinks: history.into_iter().chain(views).collect(),
            turn: Mutex::default(),
        }
    }

    /// Hands an event to all of them, in their order.
    pub fn send(&self, event: Event) {
        self.pass(&Occurrence::new(&event));
    }

    /// Hands on an event that was recorded.
    pub fn pass(&self, it: &Occurrence<'_>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        for sink in &self.sinks {
            sink.take(it);
        }
    }

    /// Tells a person something beside the results.
    pub fn note(&self, text: impl ToString) {
        self.send(Event::Note(text.to_string()));
    }

    /// Closes all of them; gives what could not be written.
    pub fn close(&self) -> Vec<Problem> {
        self.sinks
            .iter()
            .filter_map(|it| it.close().err())
            .collect()
    }

    /// Where the run is recorded, if it is.
    pub fn recorded(&self) -> Option<Recorded> {
        self.sinks.iter().find_map(|it| it.recorded())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    struct Named(&'static str, Arc<Mutex<Vec<&'static str>>>);

    impl Sink for Named {
        fn take(&self, _: &Occurrence<'_>) {
            self.1.lock().unwrap().push(self.0);
        }
        fn close(&self) -> Result<(), Problem> {
            Err(Problem::new(self.0))
        }
    }

    #[test]
    fn the_history_comes_before_the_screen() {
        let seen = Arc::default();
        let named = |name| Box::new(Named(name, Arc::clone(&seen))) as Box<dyn Sink>;
        let sinks = Sinks::new(Some(named("history")), vec![named("screen"), named("file")]);
        sinks.note("something");
        assert_eq!(*seen.lock().unwrap(), ["history", "screen", "file"]);
        let trouble: Vec<String> = sinks.close().iter().map(Problem::to_string).collect();
        assert_eq!(trouble, ["history", "screen", "file"], "each is told");
    }

    #[test]
    fn what_is_not_recorded_has_no_line() {
        let event = Event::Doing("something".to_owned());
        assert_eq!(Occurrence::new(&event).line(), None);
        let event = Event::RunFinished(crate::record::Summary::default());
        let line = Occurrence::new(&event).line().map(str::to_owned);
        assert!(
            line.unwrap()
                .starts_with("{\"event\":\"run-finished\",\"cases\":0,")
        );
        let it = Occurrence::recorded(&event, "{\"as\":\"it was\"}");
        assert_eq!(it.line(), Some("{\"as\":\"it was\"}"));
    }
}
