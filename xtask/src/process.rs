//! Running other programs: failures name the command, and some runs are bounded in time.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::failure::{Failure, Result};

const POLL: Duration = Duration::from_millis(50);

/// Runs to the end with the terminal's own output.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    ended_well(command, status)
}

/// Runs to the end and returns what was printed on standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let printed = String::from_utf8_lossy(&output.stderr);
        Err(Failure::new(format!(
            "`{}` ended with {}: {}",
            shown(command),
            output.status,
            printed.trim()
        )))
    }
}

/// Runs to the end or until `limit`, passing each line of standard output on to `on_line` and to the terminal.
pub fn tee(
    command: &mut Command,
    limit: Duration,
    mut on_line: impl FnMut(&str) + Send,
) -> Result<()> {
    let mut child = in_own_group(command)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    let printed = child.stdout.take().map(BufReader::new);
    let status = thread::scope(|scope| {
        scope.spawn(move || {
            let lines = printed.into_iter().flat_map(|pipe| pipe.split(b'\n'));
            for line in lines.map_while(std::io::Result::ok) {
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                on_line(&line);
            }
        });
        let status = wait(&mut child, limit);
        // What the program left running would keep the pipe open, and this waiting.
        end_group(&mut child);
        status
    });
    settle(command, status, limit)
}

/// Runs to the end or until `limit` with the terminal's own output.
pub fn run_bounded(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = in_own_group(command)
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    settle(command, wait(&mut child, limit), limit)
}

/// The command as somebody would type it.
pub fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start `{}`: {error}", shown(command)))
}

fn ended_well(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "`{}` ended with {status}",
            shown(command)
        )))
    }
}

fn settle(
    command: &Command,
    status: std::io::Result<Option<ExitStatus>>,
    limit: Duration,
) -> Result<()> {
    match status {
        Ok(Some(status)) => ended_well(command, status),
        Ok(None) => Err(Failure::new(format!(
            "`{}` was stopped: it took longer than {}",
            shown(command),
            crate::step::seconds(limit)
        ))),
        Err(error) => Err(Failure::new(format!(
            "lost sight of `{}`: {error}",
            shown(command)
        ))),
    }
}

/// `None` when the limit was over: the program and what it started are ended then.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= limit {
            end_group(child);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

/// A browser's driver starts browsers; only a group of their own lets all of them be ended together.
#[cfg(unix)]
fn in_own_group(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0)
}

#[cfg(not(unix))]
fn in_own_group(command: &mut Command) -> &mut Command {
    command
}

#[cfg(unix)]
fn end_group(child: &mut Child) {
    // A group that has ended by itself cannot be ended, which is as good.
    let _ = Command::new("kill")
        .args(["-KILL", "--", &format!("-{}", child.id())])
        .stderr(Stdio::null())
        .status();
}

#[cfg(not(unix))]
fn end_group(child: &mut Child) {
    // A program that has ended by itself cannot be ended, which is as good.
    let _ = child.kill();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_names_the_command_and_what_it_said() {
        let failure = output(&mut sh("echo broken >&2; exit 3")).expect_err("exit code 3");
        let text = failure.to_string();
        assert!(text.contains("sh -c"), "{text}");
        assert!(text.contains("broken"), "{text}");
    }

    #[test]
    fn lines_are_passed_on() {
        let mut lines = Vec::new();
        tee(
            &mut sh("echo one; echo two"),
            Duration::from_secs(20),
            |line| {
                lines.push(line.to_owned());
            },
        )
        .expect("both lines");
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn what_a_program_leaves_running_is_ended() {
        let started = Instant::now();
        tee(
            &mut sh("sleep 30 & echo done"),
            Duration::from_secs(20),
            |_| {},
        )
        .expect("ended well");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_run_beyond_its_limit_is_ended_with_its_children() {
        let started = Instant::now();
        let failure = tee(
            &mut sh("sleep 30 & sleep 30"),
            Duration::from_millis(200),
            |_| {},
        )
        .expect_err("too long");
        assert!(failure.to_string().contains("was stopped"), "{failure}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
