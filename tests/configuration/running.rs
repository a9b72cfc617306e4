//! A hub that `amaan serve` started, until it is told to stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::place::Place;

/// Compiled and on an idle machine it is there after half a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// The process; it ends with the test, however that ends.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    /// What it said until it was there.
    pub said: String,
    pub address: String,
}

impl Running {
    /// Starts it on a port of its own and waits until it says where it listens.
    pub fn start(place: &Place, words: &[&str]) -> Self {
        Self::start_with(place, words, &[])
    }

    /// The same, with these variables in its environment.
    pub fn start_with(place: &Place, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = place.command(words);
        command.env("AMAAN_HUB__LISTEN", "127.0.0.1:0").envs(variables.iter().copied()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                _ = send.send(line);
            }
        });
        let mut running = Self { child, lines, said: String::new(), address: String::new() };
        while !running.said.contains("SIGTERM ends it") {
            let line = running.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("it did not start; it said: {}", running.said));
            running.said += &format!("{line}\n");
        }
        let (_, rest) = running.said.split_once("API ").unwrap();
        let (_, rest) = rest.split_once("TLS on ").or_else(|| rest.split_once("://")).unwrap();
        running.address = rest.split([' ', ';', '\n']).next().unwrap().to_owned();
        running
    }

    /// The whole answer to a plain GET.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let host = &self.address;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal and waits for the end: exit code and last words.
    pub fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut said = String::new();
        // The pipe ends with the process.
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            said += &format!("{line}\n");
        }
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
