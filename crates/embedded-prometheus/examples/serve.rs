//! A server inside a program, with one series of the program's own: `cargo run --example serve [ADDRESS]`.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use embedded_prometheus::config::{Config, Global};
use embedded_prometheus::model::Labels;
use embedded_prometheus::promql;
use embedded_prometheus::server::{
    ConfigSource, DEFAULT_QUERY_CONCURRENCY, DEFAULT_QUERY_TIMEOUT_MS, Server, ServerOptions,
};
use embedded_prometheus::storage::DbOptions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listen: SocketAddr = std::env::args().nth(1).as_deref().unwrap_or("127.0.0.1:9090").parse()?;
    let config = Config {
        global: Global::default(),
        scrape_configs: Vec::new(),
        rule_files: Vec::new(),
        base_dir: ".".into(),
        text: String::new(),
    };
    let server = Server::start(ServerOptions {
        listen,
        config: ConfigSource::Given(Box::new(config)),
        data_dir: None,
        db: DbOptions::default(),
        promql: promql::Options::default(),
        query_timeout_ms: DEFAULT_QUERY_TIMEOUT_MS,
        query_concurrency: DEFAULT_QUERY_CONCURRENCY,
    })
    .await?;
    println!("http://{}/api/v1/query?query=program_ticks_total", server.local_addr());

    let labels = Labels::from_pairs([("__name__", "program_ticks_total"), ("program", "serve")]);
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    for ticks in 0_u32.. {
        tokio::select! {
            () = server.ended() => break,
            signal = tokio::signal::ctrl_c() => {
                signal?;
                break;
            }
            _ = every_second.tick() => {}
        }
        let now_ms = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let mut appender = server.db().appender();
        appender.append(&labels, now_ms, f64::from(ticks))?;
        appender.commit()?;
    }
    server.stop().await?;
    Ok(())
}
