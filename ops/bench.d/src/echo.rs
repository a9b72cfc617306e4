//! A bare HTTP server: actix-web with two workers that reads a body as JSON and sends it back. The load comes
//! from a process of its own, this same program as `load`; only the server's processor time is counted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Args;
use serde_json::{Value, json};

use crate::Failure;
use crate::tally::cpu_micros;
use crate::writer::bounded;

const WORKERS: usize = 2;

#[derive(Args)]
pub struct Echo {
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// A file with the JSON that is posted.
    #[arg(long)]
    body: PathBuf,
}

impl Echo {
    pub fn run(self) -> Result<String, Failure> {
        bounded(self.seconds)?;
        actix_web::rt::System::new().block_on(self.measured())
    }

    async fn measured(self) -> Result<String, Failure> {
        let server = HttpServer::new(|| App::new().default_service(web::to(echo)));
        let server = server.workers(WORKERS).disable_signals().bind(("127.0.0.1", 0))?;
        let address = *server.addrs().first().ok_or("no address was given")?;
        let running = server.run();
        let handle = running.handle();
        let serving = actix_web::rt::spawn(running);
        let before = cpu_micros()?;
        let loaded = web::block(move || self.load(address)).await??;
        let cpu = cpu_micros()?.saturating_sub(before);
        handle.stop(false).await;
        serving.await??;
        told(&loaded, cpu)
    }

    /// Waits for the load to end.
    fn load(&self, address: SocketAddr) -> Result<Output, Failure> {
        let mut load = Command::new(std::env::current_exe()?);
        load.arg("load").arg("--address").arg(address.to_string()).arg("--body").arg(&self.body);
        load.arg("--connections").arg(self.connections.to_string());
        Ok(load.arg("--seconds").arg(self.seconds.to_string()).output()?)
    }
}

async fn echo(body: web::Bytes) -> HttpResponse {
    match serde_json::from_slice::<Value>(&body) {
        Ok(value) => HttpResponse::Ok().json(value),
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}

fn told(loaded: &Output, cpu: u64) -> Result<String, Failure> {
    if !loaded.status.success() {
        return Err(format!("the load failed: {}", String::from_utf8_lossy(&loaded.stderr)).into());
    }
    let seen: Value = serde_json::from_slice(&loaded.stdout)?;
    let requests = seen.get("requests").and_then(Value::as_f64).ok_or("the load told no number")?;
    let answered = seen.pointer("/statuses/200").and_then(Value::as_f64).unwrap_or_default();
    if requests == 0.0 || answered != requests {
        return Err(format!("not every request was answered with its JSON: {seen}").into());
    }
    Ok(json!({
        "per_s": seen.get("per_s"),
        "cpu_us_per_request": cpu as f64 / requests,
        "p50_ms": seen.get("p50_ms"),
        "p99_ms": seen.get("p99_ms"),
        "requests": requests,
    })
    .to_string())
}
