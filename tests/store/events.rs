//! A window of the ledger as one agency may know it: its own referrals and no other's, in order, nothing lost
//! and nothing twice however small the pages are, and what was held at intake from its release on.

use casework::{Action, DeliveryStep, MessageKind, Replay, Submit};
use store::{EventWindow, Lane, Order, Store};

use super::world::{Asked, House, agency, ask, claim, command, done, live, outcome, step};

async fn window(store: &Store, of: &str, after: Option<u64>, limit: u32) -> EventWindow {
    store.events_for(agency(of), after, limit).await.unwrap()
}

/// All of it, page by page.
async fn all(store: &Store, of: &str, limit: u32) -> Vec<u64> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = window(store, of, after, limit).await;
        found.extend(page.entries.iter().map(|held| held.index));
        assert!(page.entries.len() <= limit as usize);
        after = page.last;
        if !page.more {
            return found;
        }
    }
}

#[tokio::test]
async fn each_party_gets_its_own_steps_in_order_and_once() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let empty = window(&store, "cpi", None, 50).await;
    assert_eq!((empty.entries.len(), empty.last, empty.more), (0, None, false));
    live(&store, ask(&store, "cpi")).await;
    done(&store, ask(&store, "laja").order).await;
    // Request, referral, claim, delivered, accept, progress, outcome, feedback; the request itself is no
    // event.
    assert_eq!(all(&store, "cpi", 200).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(all(&store, "laja", 200).await, [9]);
    let sender = all(&store, "ictp", 200).await;
    assert_eq!(sender, [1, 2, 3, 4, 5, 6, 7, 9]);
    assert_eq!(all(&store, "nccia", 200).await, [] as [u64; 0]);
    for limit in [1, 2, 3, 5, 7] {
        assert_eq!(all(&store, "ictp", limit).await, sender, "in pages of {limit}");
    }
}

#[tokio::test]
async fn a_window_goes_on_after_what_it_looked_at() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    live(&store, ask(&store, "cpi")).await;
    let end = window(&store, "cpi", Some(7), 50).await;
    assert_eq!((end.entries.len(), end.last, end.more), (0, Some(7), false));
    let stranger = window(&store, "nccia", None, 50).await;
    assert_eq!((stranger.entries.len(), stranger.last), (0, Some(7)), "it need not look at these again");
    let beyond = window(&store, "cpi", Some(u64::MAX), 50).await;
    assert_eq!((beyond.entries.len(), beyond.last), (0, Some(7)), "a cursor of a longer ledger");
    let news = store.news();
    done(&store, ask(&store, "cpi").order).await;
    assert!(news.has_changed().unwrap(), "a commit wakes whoever waits");
    assert_eq!(*news.borrow(), 10);
}

/// Its sender sees it from the beginning; its receiver from the release on, whenever it asks.
#[tokio::test]
async fn what_is_held_begins_for_its_receiver_with_its_release() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = held(ask(&store, "cpi"));
    done(&store, asked.order.clone()).await;
    assert_eq!(all(&store, "ictp", 200).await, [1]);
    let hidden = window(&store, "cpi", None, 50).await;
    assert_eq!((hidden.entries.len(), hidden.last), (0, Some(1)));
    let replay = Action::Replay(Replay { delivery: asked.delivery });
    done(&store, Order::plain(command(replay), Lane::Outcomes)).await;
    done(&store, claim(asked.delivery)).await;
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Undeliverable)).await;
    let again = Action::Resolve(casework::Resolve {
        delivery: asked.delivery,
        resolution: casework::Resolution::Delivered,
        reason: "agency-confirmed".parse().unwrap(),
    });
    done(&store, Order::plain(command(again), Lane::Outcomes)).await;
    done(&store, step(&asked, MessageKind::Accept, None)).await;
    assert_eq!(all(&store, "cpi", 200).await, [2, 3, 4, 5, 6], "from the release on");
    assert_eq!(all(&store, "ictp", 200).await, [1, 2, 3, 4, 5, 6]);
}

fn held(mut asked: Asked) -> Asked {
    if let Action::Submit(Submit { held, .. }) = &mut asked.order.command.action {
        *held = true;
    }
    asked
}
