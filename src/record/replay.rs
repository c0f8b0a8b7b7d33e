//! A recording as the events that made it: whoever shows a use shows its recording.

use serde::Deserialize;

use super::event::Event;
use super::format::Format;
use super::sink::{Occurrence, Sinks};
use crate::case::Problem;

/// What every event has.
#[derive(Deserialize)]
struct Head {
    event: String,
}

/// Hands the events of a recording, line by line, to sinks. `file` names it in
/// messages.
///
/// A last line that was cut off is left out, and events that this version does not
/// know are passed over.
pub fn replay(file: &str, recording: &[u8], sinks: &Sinks) -> Result<(), Problem> {
    for (index, line) in recording.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let whole = line.ends_with(b"\n");
        let text = String::from_utf8_lossy(line.trim_ascii());
        let Ok(head) = serde_json::from_str::<Head>(&text) else {
            match text.is_empty() || !whole {
                true => continue,
                false => return Err(unreadable(file, index, "this is no event of vera-stress")),
            }
        };
        if head.event.ends_with("-started")
            && let Ok(first) = serde_json::from_str(&text)
            && let Err(why) = Format::of(&first)
        {
            return Err(unreadable(file, index, &why.to_string()));
        }
        match serde_json::from_str::<Event>(&text) {
            Ok(event) => sinks.pass(&Occurrence::recorded(&event, &text)),
            Err(why) if Event::NAMES.contains(&head.event.as_str()) => {
                let why = why.to_string().replace(" at line 1 column ", " at column ");
                let what = format!("this event is not as this vera-stress writes it ({why})");
                return Err(unreadable(file, index, &what));
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn unreadable(file: &str, index: usize, what: &str) -> Problem {
    Problem::new(format!("{file}:{}: {what}", index + 1))
        .next("read it with the version of vera-stress that wrote it")
}
