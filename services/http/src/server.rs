//! The listening server: workers, bounds and times, and which path goes where. What happens to a request is
//! in `around.rs` and `serve.rs`.

use std::io;
use std::net::TcpListener;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{App, HttpRequest, HttpServer};

use crate::desk::{DeskRoute, visit};
use crate::pages::Page;
use crate::roles::Roles;
use crate::routes::{Route, Verb};
use crate::serve::{no_such_method, no_such_path, serve};
use crate::stream::Streams;
use crate::tls::Tls;
use crate::{Api, around, asyncapi, openapi};

/// Threads that answer. Two are enough for a hub whose writer is one thread, and leave cores to the store.
pub const WORKERS_MAX: usize = 2;
/// A request's body: the bound of a message.
pub const BODY_BYTES_MAX: usize = schemas::BODY_BYTES_MAX;
/// Connections a worker holds open: 2 workers, 2,000 in all.
const CONNECTIONS_MAX: usize = 1_000;
/// The head of a request must have come by then; who sends slower is no agency's system.
const HEAD_TIME_MAX: Duration = Duration::from_secs(5);
/// As long for what comes before it.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(5);
/// An idle connection is kept for the next request of a burst, not longer.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A client that does not close is closed.
const DISCONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// What is under way may finish. An identity check may wait 20 s for its agency.
const SHUTDOWN_SECONDS: u64 = 25;

/// What all workers share.
pub(crate) struct Shared {
    pub api: Api,
    /// `/openapi.json`, made once.
    pub openapi: String,
    /// `/asyncapi.json`, made once.
    pub asyncapi: String,
    /// Requests served, for the upkeep of histograms.
    pub served: AtomicU64,
    /// Who listens for events.
    pub streams: Streams,
}

/// Serves the API and the pages on a listener, over TLS or in clear. The server runs when awaited or spawned
/// on a tokio runtime; its handle stops it, gracefully if asked. It takes no signals: the program does.
///
/// # Errors
/// Where the listener cannot be used.
pub fn server(api: Api, listener: TcpListener, tls: Option<Tls>) -> io::Result<Server> {
    let document = openapi::document(&api.hub.schemas, &api.public.base_url, &api.roles);
    let roles = api.roles.clone();
    let shared = Data::new(Shared {
        openapi: document.to_string(),
        asyncapi: asyncapi::document(&api.public.base_url).to_string(),
        api,
        served: AtomicU64::new(0),
        streams: Streams::default(),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .wrap(from_fn(around::around))
            .configure(|config| paths(config, &roles))
            .default_service(web::to(no_such_path))
    });
    let server = server
        .workers(WORKERS_MAX)
        .max_connections(CONNECTIONS_MAX)
        .client_request_timeout(HEAD_TIME_MAX)
        .client_disconnect_timeout(DISCONNECT_TIME_MAX)
        .keep_alive(KEEP_ALIVE)
        .tls_handshake_timeout(HANDSHAKE_TIME_MAX)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    let Some(tls) = tls else { return Ok(server.listen(listener)?.run()) };
    let config = tls.config()?;
    let server = server.on_connect(move |stream, connection| tls.note(stream, connection));
    Ok(server.listen_rustls_0_23(listener, config)?.run())
}

/// One resource for each path, so that another method is told which ones there are. What is another
/// process's business has no path here, and is as unknown as any other.
fn paths(config: &mut ServiceConfig, roles: &Roles) {
    let mut done: Vec<&str> = Vec::new();
    for (path, pattern) in roles.routes().map(|route| (route.path, route.pattern())) {
        if done.contains(&path) {
            continue;
        }
        done.push(path);
        let here = roles.routes().filter(|route| route.path == path);
        let resource = here.fold(web::resource(pattern), |resource, route| resource.route(api_route(route)));
        config.service(resource.default_service(web::to(no_such_method)));
    }
    let mut done: Vec<&str> = Vec::new();
    for path in roles.desk().map(|route| route.path) {
        if done.contains(&path) {
            continue;
        }
        done.push(path);
        let here = roles.desk().filter(|route| route.path == path);
        let resource = here.fold(web::resource(path), |resource, route| resource.route(desk_route(route)));
        config.service(resource.default_service(web::to(no_such_method)));
    }
    for page in roles.pages() {
        let resource = web::resource(page.path).route(page_route(page));
        config.service(resource.default_service(web::to(no_such_method)));
    }
}

fn api_route(route: &'static Route) -> actix_web::Route {
    let handler = move |request: HttpRequest, payload: Payload, shared: Data<Shared>| {
        serve(route, request, payload, shared)
    };
    match route.method {
        Verb::Get => web::get().to(handler),
        Verb::Post => web::post().to(handler),
    }
}

fn desk_route(route: &'static DeskRoute) -> actix_web::Route {
    let handler = move |request: HttpRequest, payload: Payload, shared: Data<Shared>| {
        visit(route, request, payload, shared)
    };
    match route.method {
        Verb::Get => web::get().to(handler),
        Verb::Post => web::post().to(handler),
    }
}

fn page_route(page: &'static Page) -> actix_web::Route {
    let show = page.show;
    web::get()
        .to(move |request: HttpRequest, shared: Data<Shared>| async move { show(&shared.api, &request) })
}
