//! The health check for containers: asks a running server, so that the image needs no HTTP client.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use thiserror::Error;

/// How long each step (connect, send, each read) may take.
pub const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// A longer answer is not one of `/healthz`.
const MAX_ANSWER_BYTES: u64 = 4 * 1024;

/// Why a server is not healthy.
#[derive(Debug, Error)]
pub enum HealthError {
    /// No connection, or a broken one.
    #[error(
        "health of http://{address}/healthz: {error}; is the server running, and on this address (--listen)?"
    )]
    Io {
        /// The address that was asked.
        address: SocketAddr,
        /// What went wrong; told in the text, hence no source of this error.
        error: io::Error,
    },
    /// Another answer than 200.
    #[error("health of http://{address}/healthz: the answer is {answer:?}; look at the log of the server")]
    Answer {
        /// The address that was asked.
        address: SocketAddr,
        /// The first line of the answer.
        answer: String,
    },
}

/// Asks the server that listens on `listen` for `/healthz`.
///
/// # Errors
///
/// When the server does not answer, or not with 200.
pub fn check(listen: SocketAddr) -> Result<(), HealthError> {
    let address = reachable(listen);
    let answer = ask(address).map_err(|error| HealthError::Io { address, error })?;
    let status = answer.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) == Some("200") {
        Ok(())
    } else {
        Err(HealthError::Answer { address, answer: status.to_owned() })
    }
}

/// "All addresses" can be listened on but not connected to everywhere; the loopback one is among them.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn ask(address: SocketAddr) -> Result<String, io::Error> {
    let mut stream = TcpStream::connect_timeout(&address, HEALTH_TIMEOUT)?;
    stream.set_write_timeout(Some(HEALTH_TIMEOUT))?;
    stream.set_read_timeout(Some(HEALTH_TIMEOUT))?;
    // Formatted first, as writing piece by piece would send a packet for each.
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// Checks a server that gives this answer to one request.
    fn check_answer(answer: &'static str) -> Result<(), HealthError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // Read to its end: closing with unread bytes would reset the connection.
            let mut request = String::new();
            let mut lines = BufReader::new(&stream);
            while !request.ends_with("\r\n\r\n") && lines.read_line(&mut request).unwrap() > 0 {}
            stream.write_all(answer.as_bytes()).unwrap();
            request
        });
        let result = check(address);
        assert!(server.join().unwrap().starts_with("GET /healthz HTTP/1.1\r\n"));
        result
    }

    #[test]
    fn only_200_is_healthy() {
        assert!(check_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok());
        let error = check_answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err().to_string();
        assert!(error.contains("the answer is \"HTTP/1.1 503 Service Unavailable\""), "{error}");
        assert!(check_answer("").is_err());
    }

    #[test]
    fn a_closed_port_is_an_error_that_names_the_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = check(address).unwrap_err().to_string();
        assert!(error.starts_with(&format!("health of http://{address}/healthz: ")), "{error}");
    }

    #[test]
    fn all_addresses_are_asked_on_the_loopback_one() {
        for (listen, asked) in
            [("0.0.0.0:8000", "127.0.0.1:8000"), ("[::]:80", "[::1]:80"), ("10.0.0.1:1", "10.0.0.1:1")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
