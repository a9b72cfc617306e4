//! Dropping a caller's connection without an answer, as a crashed system or a broken line does. actix answers
//! every request, so a second handle of the socket is kept per connection and shut down when needed.

use std::{any::Any, net::Shutdown, os::fd::AsFd, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, dev::Extensions, rt::net::TcpStream};

/// The second handle of a connection's socket.
#[derive(Clone)]
struct Line(Arc<std::net::TcpStream>);

/// Keeps a second handle of each accepted connection (actix `on_connect`).
pub(crate) fn keep(io: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
    if let Ok(socket) = stream.as_fd().try_clone_to_owned() {
        extensions.insert(Line(Arc::new(std::net::TcpStream::from(socket))));
    }
}

/// Shuts the connection; the response returned here never reaches anybody.
pub(crate) fn hang_up(request: &HttpRequest) -> HttpResponse {
    if let Some(line) = request.conn_data::<Line>() {
        let _ = line.0.shutdown(Shutdown::Both);
    }
    HttpResponse::ServiceUnavailable().force_close().finish()
}
