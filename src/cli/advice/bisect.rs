//! What to do about a bisection that cannot begin, or has no answer.

use super::Advise;
use crate::campaign::bisect::candidates::NoVersions;
use crate::campaign::bisect::ends::{Missing, SearchEnd, WrongEnds};
use crate::campaign::bisect::git::GitError;
use crate::case::Problem;
use crate::record::again::quoted;
use crate::record::bisect::AnswerKind;

/// What to do where a bisection ended with such an answer, about versions that are
/// called a `noun` each.
pub fn after(answer: AnswerKind, noun: &str) -> Option<String> {
    let next = match answer {
        AnswerKind::OneOf => {
            "choose another --scale or --lane, in which those that were skipped can tell"
        }
        AnswerKind::NoGood => "name another --good, one that can be looked at",
        AnswerKind::BadIsGood => {
            "name another --bad, or another --scale or --lane in which it fails"
        }
        AnswerKind::BadCannotTell => "name another --bad, --scale or --lane",
        AnswerKind::GoodIsBad => return Some(format!("name a good {noun} that is older")),
        AnswerKind::EndsAlike => "name other ends, or another --scale",
        AnswerKind::Found | AnswerKind::Interrupted | AnswerKind::Failed => return None,
    };
    Some(next.to_owned())
}

impl Advise for NoVersions {
    fn advised(&self) -> Problem {
        match self {
            NoVersions::Ends(why) => why.advised(),
            NoVersions::Toolchain(why) => why.advised(),
            NoVersions::Git(why) => why.advised(),
        }
    }
}

impl Advise for GitError {
    fn advised(&self) -> Problem {
        match self {
            GitError::NoGit => self
                .problem()
                .next("install git, or bisect over releases: leave --repo out"),
            GitError::Start(_) | GitError::Failed { .. } | GitError::NoPlace(_) => self.problem(),
        }
    }
}

/// The option that names an end.
fn option(end: SearchEnd) -> &'static str {
    match end {
        SearchEnd::Good => "--good",
        SearchEnd::Bad => "--bad",
    }
}

impl Advise for WrongEnds {
    fn advised(&self) -> Problem {
        match self {
            WrongEnds::SameRelease(release) => Problem::new(format!(
                "--good and --bad are both {release}, so there is nothing between them"
            ))
            .next("name an older release with --good"),
            WrongEnds::NoRelease { end, name } => {
                Problem::new(format!("{} `{name}` is no release", option(*end))).next(
                    "write a release such as 0.1.5, or name the checkout whose commits are meant with --repo DIR",
                )
            }
            WrongEnds::NoRange(why) => why.clone(),
            WrongEnds::GoodIsNewer { good, bad } => Problem::new(format!(
                "--good {good} is newer than --bad {bad}, and what is searched is the first bad release"
            ))
            .next("name a good release that is older than the bad one"),
            WrongEnds::NothingAfter(good) => Problem::new(format!(
                "{good} is the newest release, so there is nothing after it"
            ))
            .next("name an older release with --good"),
            WrongEnds::NoDirectory(directory) => {
                Problem::new(format!("--repo {} is no directory", directory.display()))
                    .next("name a git checkout of Vera")
            }
            WrongEnds::NoCheckout { directory, detail } => Problem::new(format!(
                "{} is no git checkout: {detail}",
                directory.display()
            ))
            .next("name a git checkout of Vera, or bisect over releases: leave --repo out"),
            WrongEnds::NoCommit {
                end,
                revision,
                directory,
                missing,
            } => {
                let shown = directory.display().to_string();
                let what = format!("{} `{revision}` names no commit in {shown}", option(*end));
                match missing {
                    Missing::IsTagged(tag) => {
                        Problem::new(what).next(format!("write {tag}, the tag of that version"))
                    }
                    Missing::Shallow => shallow(&what, &shown),
                    Missing::Unknown => Problem::new(what).next(format!(
                        "write a hash, a tag or a branch that is there: `git -C {} log --oneline` shows them",
                        quoted(&shown)
                    )),
                }
            }
            WrongEnds::SameCommit { good, bad } => Problem::new(format!(
                "--good {good} and --bad {bad} are the same commit"
            ))
            .next("name an older commit with --good"),
            WrongEnds::NoAncestor {
                good,
                bad,
                directory,
                shallow: is_shallow,
            } => {
                let shown = directory.display().to_string();
                let what = format!(
                    "--good {good} is no ancestor of --bad {bad}, so no commit between them can be the first bad one"
                );
                match is_shallow {
                    true => shallow(&what, &shown),
                    false => Problem::new(what).next(format!(
                        "name a commit that {bad} comes from, such as what `git -C {} merge-base {} {}` prints",
                        quoted(&shown),
                        quoted(good),
                        quoted(bad)
                    )),
                }
            }
            WrongEnds::NoVera { directory, bad } => Problem::new(format!(
                "{} holds no Vera at {bad}: there is neither vera/cli.py nor src/vera/cli.py",
                directory.display()
            ))
            .next("name the directory of a checkout of Vera"),
        }
    }
}

/// That something is missing in a clone that lacks commits, and how to get them.
fn shallow(what: &str, directory: &str) -> Problem {
    Problem::new(format!(
        "{what}: it is a shallow clone, which lacks older commits"
    ))
    .next(format!(
        "fetch them with `git -C {} fetch --unshallow --tags`",
        quoted(directory)
    ))
}
