//! What a person sees while something is under way: lines as they come, and
//! below them a bar with what is running.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, stderr, stdout};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use console::{Style, Term};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::detail::Detail;
use super::out;

/// The terminal, with the cursor right behind the bar and room for what Ctrl-C
/// writes there.
///
/// The bar would otherwise fill its line, so that `^C` goes to the next one, and
/// what clears the bar clears that instead.
#[derive(Debug)]
struct Screen(Box<dyn TermLike>);

impl Screen {
    const ROOM: u16 = 3;
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.0.width().saturating_sub(Screen::ROOM).max(1)
    }

    fn height(&self) -> u16 {
        self.0.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        // Nothing but spaces is what would fill the line.
        match text.trim_matches(' ') {
            "" => Ok(()),
            _ => self.0.write_str(text),
        }
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

fn on(terminal: Box<dyn TermLike>) -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Screen(terminal)), 20)
}

/// How the bar looks on a terminal of so many columns: narrow ones have room for
/// the numbers only.
fn look(columns: u16) -> ProgressStyle {
    let template = match columns {
        0..60 => "{pos}/{len} {prefix}{wide_msg}",
        _ => "{bar:24} {pos}/{len} {elapsed} {prefix}{wide_msg}",
    };
    ProgressStyle::with_template(template).expect("the template is valid")
}

/// How many things failed, and the one that did last, where there is room for it.
fn failures(number: usize, last: &str, columns: u16) -> String {
    let red = Style::new().red().bold().for_stderr();
    let number = red.apply_to(format!("{number} failed"));
    match columns {
        0..80 => format!("{number}; "),
        _ => format!("{number}, last {last}; "),
    }
}

/// Lines on standard output, with a bar below them on a terminal.
pub struct Progress {
    bar: ProgressBar,
    columns: u16,
    running: Mutex<BTreeSet<String>>,
    failed: AtomicUsize,
}

impl Progress {
    /// Where nothing is to be done yet. A bar is drawn for whoever looks on, on a
    /// terminal that can take it back.
    pub fn new(detail: Detail) -> Progress {
        let terminal = stderr().is_terminal() && stdout().is_terminal() && !console::is_dumb();
        let screen = Term::buffered_stderr();
        let (_, columns) = screen.size();
        let target = if terminal && detail != Detail::Brief {
            on(Box::new(screen))
        } else {
            ProgressDrawTarget::hidden()
        };
        // None of nothing would be drawn as all of it.
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(look(columns));
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress {
            bar,
            columns,
            running: Mutex::default(),
            failed: AtomicUsize::new(0),
        }
    }

    /// Something starts.
    pub fn started(&self, name: &str) {
        self.now_running(|running| {
            running.insert(name.to_owned());
        });
    }

    /// It has ended.
    pub fn ended(&self, name: &str) {
        self.now_running(|running| {
            running.remove(name);
        });
        self.bar.inc(1);
    }

    /// So many things more are to be done.
    pub fn more(&self, things: usize) {
        let length = self.bar.length().unwrap_or(0);
        self.bar.set_length(length + things as u64);
    }

    /// One of them has failed, called so: what it was is told at the end.
    pub fn failed(&self, name: &str) {
        let number = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
        self.bar.set_prefix(failures(number, name, self.columns));
    }

    /// What goes on beside them.
    pub fn doing(&self, what: String) {
        self.bar.set_message(what);
    }

    /// All have ended.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// A line, or several.
    pub fn line(&self, text: &str) {
        self.aside(|| out::line(text));
    }

    /// Writes something to the terminal, where the bar would otherwise be in its
    /// way.
    pub fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    fn now_running(&self, change: impl FnOnce(&mut BTreeSet<String>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        let names: Vec<&str> = running.iter().map(String::as_str).collect();
        self.bar.set_message(names.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A terminal of 80 columns that keeps what is written to it.
    #[derive(Clone, Debug, Default)]
    struct Written(Arc<Mutex<String>>);

    impl TermLike for Written {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_ctrl_c_writes_has_room_behind_the_bar() {
        let shorter = ["looking at 0.2.5".to_owned(), "long ".repeat(40)];
        for (message, failed) in shorter.into_iter().zip([false, true]) {
            let written = Written::default();
            let bar = ProgressBar::with_draw_target(Some(5), on(Box::new(written.clone())));
            bar.set_style(look(80));
            if failed {
                bar.set_prefix(failures(2, "life [native]", 80));
            }
            bar.set_message(message);
            bar.force_draw();
            let text = written.0.lock().unwrap().replace('\r', "");
            assert!(text.contains(" 0/5 "), "{text:?}");
            let said = text.contains("2 failed, last life [native]; long long");
            assert_eq!(said, failed, "{text:?}");
            let width = console::measure_text_width(&text);
            assert!(width + "^C".len() < 80, "{width}: {text:?}");
            bar.abandon();
        }
    }
}
