-- What the eighth version stored: what the seventh did, a simulated twin, and a calibration. A dump of the file, views and
-- all.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE metric (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    value    REAL NOT NULL,
    low      REAL,                           -- 95 % interval; NULL where there is none
    high     REAL,
    PRIMARY KEY (trial_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO metric VALUES(1,'client_cpu_us_per_delivery','us',10.0,NULL,NULL);
INSERT INTO metric VALUES(1,'client_cpu_utilisation','cores',0.0010000000000000000208,NULL,NULL);
INSERT INTO metric VALUES(1,'client_cpu_wait','cores',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'client_memory_bytes_per_connection','bytes',1000.0,NULL,NULL);
INSERT INTO metric VALUES(1,'connect_seconds','s',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'deliveries','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(1,'deliveries_per_second','1/s',100.0,NULL,NULL);
INSERT INTO metric VALUES(1,'duplicates','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'empty_responses','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'errors','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'events','count',50.0,NULL,NULL);
INSERT INTO metric VALUES(1,'expected','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(1,'kernel_memory_bytes_per_connection','bytes',2784.0,NULL,NULL);
INSERT INTO metric VALUES(1,'kisses','count',4.0,NULL,NULL);
INSERT INTO metric VALUES(1,'lost','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'malformed','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'missed','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'payload_bytes_per_delivery','bytes',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'reconnects','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'refusals','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'reordered','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'requests','count',7.0,NULL,NULL);
INSERT INTO metric VALUES(1,'requests_per_delivery','ratio',0.070000000000000006661,NULL,NULL);
INSERT INTO metric VALUES(1,'resets','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'segments','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'server_cpu_us_per_delivery','us',10.0,NULL,NULL);
INSERT INTO metric VALUES(1,'server_cpu_utilisation','cores',0.0010000000000000000208,NULL,NULL);
INSERT INTO metric VALUES(1,'server_cpu_wait','cores',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'server_memory_bytes_per_connection','bytes',1000.0,NULL,NULL);
INSERT INTO metric VALUES(1,'stamps_dropped','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'subscribers','count',2.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_down','bytes',1800.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_per_delivery','bytes',20.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_per_subscriber_second','bytes',1000.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_up','bytes',200.0,NULL,NULL);
INSERT INTO metric VALUES(2,'deliveries','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(2,'lost','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(2,'wire_bytes_per_delivery','bytes',20.0,NULL,NULL);
INSERT INTO metric VALUES(3,'deliveries','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(3,'lost','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(3,'wire_bytes_per_delivery','bytes',20.0,NULL,NULL);
INSERT INTO metric VALUES(7,'lost','count',0.0,NULL,NULL);
CREATE TABLE doubt (
    trial_id     INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    metric_group TEXT NOT NULL,              -- metric_kind.metric_group; '': takes nothing, a remark
    verdict      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    PRIMARY KEY (trial_id, metric_group, verdict, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO doubt VALUES(2,'bytes','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'client_cpu','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'connections','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'freshness','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'generator','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'latency','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'ledger','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'memory','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'parts','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'server_cpu','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'work','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(3,'','saturated','server 0 used 0.99 of a core, above 0.95');
INSERT INTO doubt VALUES(7,'latency','link_off','the round trip was 61 ms, not 50');
INSERT INTO doubt VALUES(7,'link','link_off','the round trip was 61 ms, not 50');
CREATE TABLE histogram (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,                  -- delivery_latency, schedule_lag, ...
    unit     TEXT NOT NULL,                  -- of minimum, maximum and buckets: ns
    count    INTEGER NOT NULL,
    minimum  INTEGER NOT NULL,
    maximum  INTEGER NOT NULL,
    buckets  BLOB NOT NULL,
    PRIMARY KEY (trial_id, name)
) STRICT;
CREATE TABLE series (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    t_ms     INTEGER NOT NULL,               -- since the window opened; negative in the warm-up
    role     TEXT NOT NULL,                  -- server, client
    process  INTEGER NOT NULL,               -- 0, 1, ... within its role
    name     TEXT NOT NULL,                  -- deliveries, events, ...
    value    REAL NOT NULL,
    PRIMARY KEY (trial_id, role, process, name, t_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO series VALUES(1,1000,'client',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(1,1000,'server',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(2,1000,'client',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(2,1000,'server',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(3,1000,'client',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(3,1000,'server',0,'cpu_utilisation',0.25);
CREATE TABLE report (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    role     TEXT NOT NULL,
    process  INTEGER NOT NULL,
    json     TEXT NOT NULL CHECK (json_valid(json)),
    PRIMARY KEY (trial_id, role, process)
) STRICT;
INSERT INTO report VALUES(1,'client',0,'{"type":"report","role":"client","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":100,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(1,'server',0,'{"type":"report","role":"server","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":50,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(2,'server',0,'{"type":"report","role":"server","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":50,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(2,'client',0,'{"type":"report","role":"client","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":100,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(3,'client',0,'{"type":"report","role":"client","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":100,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(3,'server',0,'{"type":"report","role":"server","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":50,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(7,'link',0,'{"rtt_ms":61}');
CREATE TABLE metric_kind (
    name         TEXT PRIMARY KEY,
    metric_group TEXT NOT NULL,              -- latency, freshness, bytes, ...
    unit         TEXT NOT NULL,
    title        TEXT NOT NULL,
    better       TEXT NOT NULL CHECK (better IN ('less', 'more', 'neither')),
    quantile     REAL,                       -- 0.99 of a p99; NULL of what is no quantile
    what         TEXT NOT NULL,              -- a sentence
    rank         INTEGER NOT NULL            -- the order in which people see them
) STRICT, WITHOUT ROWID;
INSERT INTO metric_kind VALUES('acknowledgement_bytes_per_delivery','bytes','bytes','acknowledgements per delivery','less',NULL,'of these, segments without data: acknowledgements, and the beginnings and ends of connections',72);
INSERT INTO metric_kind VALUES('age_least_us','freshness','us','unavoidable age','neither',NULL,'of the mean age, what no strategy can avoid, for the next event is not there yet: the mean age if each arrived when it was due (half the gap between events that come evenly)',66);
INSERT INTO metric_kind VALUES('age_mean_us','freshness','us','mean age','less',NULL,'how old the newest event that a subscriber holds is: averaged over the window and over all subscribers',65);
INSERT INTO metric_kind VALUES('age_peak_us','freshness','us','mean age before a delivery','less',NULL,'the age just before a delivery, averaged',67);
INSERT INTO metric_kind VALUES('arrivals','ledger','count','arrivals','neither',NULL,'events that arrived between the two readings of CPU time and of the sockets'' figures, each once per subscriber and whenever it was due: what bytes, requests and CPU time are divided by. Of a strategy that falls behind fewer arrive than are due',110);
INSERT INTO metric_kind VALUES('ask_wait_max_us','parts','us','greatest wait for a question','less',NULL,'from publication until the client sent the request that fetched the event (0 when it was asked for before). Polling and long polling only',24);
INSERT INTO metric_kind VALUES('ask_wait_mean_us','parts','us','mean wait for a question','less',NULL,'from publication until the client sent the request that fetched the event (0 when it was asked for before). Polling and long polling only',19);
INSERT INTO metric_kind VALUES('ask_wait_p50_us','parts','us','median wait for a question','less',0.5,'from publication until the client sent the request that fetched the event (0 when it was asked for before). Polling and long polling only',20);
INSERT INTO metric_kind VALUES('ask_wait_p90_us','parts','us','p90 wait for a question','less',0.9000000000000000222,'from publication until the client sent the request that fetched the event (0 when it was asked for before). Polling and long polling only',21);
INSERT INTO metric_kind VALUES('ask_wait_p999_us','parts','us','p99.9 wait for a question','less',0.99899999999999999911,'from publication until the client sent the request that fetched the event (0 when it was asked for before). Polling and long polling only',23);
INSERT INTO metric_kind VALUES('ask_wait_p99_us','parts','us','p99 wait for a question','less',0.98999999999999999111,'from publication until the client sent the request that fetched the event (0 when it was asked for before). Polling and long polling only',22);
INSERT INTO metric_kind VALUES('client_cpu_us_per_delivery','client_cpu','us','client CPU per delivery','less',NULL,'CPU time of the clients, user and system, over the window / arrivals',90);
INSERT INTO metric_kind VALUES('client_cpu_utilisation','client_cpu','cores','client CPU','less',NULL,'CPU time of the clients / length of the window',91);
INSERT INTO metric_kind VALUES('client_cpu_wait','client_cpu','cores','client''s wait for a CPU','less',NULL,'time in which the clients were ready to run but got no processor / length of the window',92);
INSERT INTO metric_kind VALUES('client_memory_bytes_per_connection','memory','bytes','client memory per connection','less',NULL,'resident memory of the clients when the window opens − before the first connection, / connections',94);
INSERT INTO metric_kind VALUES('client_queue_max_us','generator','us','greatest queue of the client','less',NULL,'from the arrival in the subscriber''s socket until the client came to it: the load generator''s own doing',43);
INSERT INTO metric_kind VALUES('client_queue_mean_us','generator','us','mean queue of the client','less',NULL,'from the arrival in the subscriber''s socket until the client came to it: the load generator''s own doing',38);
INSERT INTO metric_kind VALUES('client_queue_p50_us','generator','us','median queue of the client','less',0.5,'from the arrival in the subscriber''s socket until the client came to it: the load generator''s own doing',39);
INSERT INTO metric_kind VALUES('client_queue_p90_us','generator','us','p90 queue of the client','less',0.9000000000000000222,'from the arrival in the subscriber''s socket until the client came to it: the load generator''s own doing',40);
INSERT INTO metric_kind VALUES('client_queue_p999_us','generator','us','p99.9 queue of the client','less',0.99899999999999999911,'from the arrival in the subscriber''s socket until the client came to it: the load generator''s own doing',42);
INSERT INTO metric_kind VALUES('client_queue_p99_us','generator','us','p99 queue of the client','less',0.98999999999999999111,'from the arrival in the subscriber''s socket until the client came to it: the load generator''s own doing',41);
INSERT INTO metric_kind VALUES('connect_max_us','connections','us','greatest time to connect','less',NULL,'from the first attempt until a subscriber is subscribed',101);
INSERT INTO metric_kind VALUES('connect_mean_us','connections','us','mean time to connect','less',NULL,'from the first attempt until a subscriber is subscribed',96);
INSERT INTO metric_kind VALUES('connect_p50_us','connections','us','median time to connect','less',0.5,'from the first attempt until a subscriber is subscribed',97);
INSERT INTO metric_kind VALUES('connect_p90_us','connections','us','p90 time to connect','less',0.9000000000000000222,'from the first attempt until a subscriber is subscribed',98);
INSERT INTO metric_kind VALUES('connect_p999_us','connections','us','p99.9 time to connect','less',0.99899999999999999911,'from the first attempt until a subscriber is subscribed',100);
INSERT INTO metric_kind VALUES('connect_p99_us','connections','us','p99 time to connect','less',0.98999999999999999111,'from the first attempt until a subscriber is subscribed',99);
INSERT INTO metric_kind VALUES('connect_seconds','connections','s','time to connect all','less',NULL,'from the first attempt of the first until the last one is subscribed',102);
INSERT INTO metric_kind VALUES('deliveries','ledger','count','deliveries','more',NULL,'events received, each once per subscriber',109);
INSERT INTO metric_kind VALUES('deliveries_per_second','ledger','1/s','deliveries per second','more',NULL,'deliveries / length of the window',117);
INSERT INTO metric_kind VALUES('delivery_latency_max_us','latency','us','greatest delivery latency','less',NULL,'arrival − due time, over all deliveries. An event has arrived when its last byte is in the subscriber''s socket, whether the load generator has come to it or not',6);
INSERT INTO metric_kind VALUES('delivery_latency_mean_us','latency','us','mean delivery latency','less',NULL,'arrival − due time, over all deliveries. An event has arrived when its last byte is in the subscriber''s socket, whether the load generator has come to it or not',1);
INSERT INTO metric_kind VALUES('delivery_latency_p50_us','latency','us','median delivery latency','less',0.5,'arrival − due time, over all deliveries. An event has arrived when its last byte is in the subscriber''s socket, whether the load generator has come to it or not',2);
INSERT INTO metric_kind VALUES('delivery_latency_p90_us','latency','us','p90 delivery latency','less',0.9000000000000000222,'arrival − due time, over all deliveries. An event has arrived when its last byte is in the subscriber''s socket, whether the load generator has come to it or not',3);
INSERT INTO metric_kind VALUES('delivery_latency_p999_us','latency','us','p99.9 delivery latency','less',0.99899999999999999911,'arrival − due time, over all deliveries. An event has arrived when its last byte is in the subscriber''s socket, whether the load generator has come to it or not',5);
INSERT INTO metric_kind VALUES('delivery_latency_p99_us','latency','us','p99 delivery latency','less',0.98999999999999999111,'arrival − due time, over all deliveries. An event has arrived when its last byte is in the subscriber''s socket, whether the load generator has come to it or not',4);
INSERT INTO metric_kind VALUES('duplicates','ledger','count','duplicates','less',NULL,'received again',112);
INSERT INTO metric_kind VALUES('empty_responses','work','count','empty responses','less',NULL,'answers that brought no event',80);
INSERT INTO metric_kind VALUES('errors','connections','count','errors','less',NULL,'what went wrong in the window: refused connections, broken answers',104);
INSERT INTO metric_kind VALUES('events','ledger','count','events','neither',NULL,'events due in the window',106);
INSERT INTO metric_kind VALUES('expected','ledger','count','expected deliveries','neither',NULL,'events × subscribers',108);
INSERT INTO metric_kind VALUES('framing_bytes_per_delivery','bytes','bytes','framing per delivery','less',NULL,'of these, what stands around the payload inside TCP: the event''s own JSON, HTTP requests and headers, chunks, frames; retransmitted bytes too',70);
INSERT INTO metric_kind VALUES('handled_latency_max_us','generator','us','greatest handled latency','less',NULL,'the moment at which the load generator has the event − due time: `delivery_latency` and `client_queue` together',37);
INSERT INTO metric_kind VALUES('handled_latency_mean_us','generator','us','mean handled latency','less',NULL,'the moment at which the load generator has the event − due time: `delivery_latency` and `client_queue` together',32);
INSERT INTO metric_kind VALUES('handled_latency_p50_us','generator','us','median handled latency','less',0.5,'the moment at which the load generator has the event − due time: `delivery_latency` and `client_queue` together',33);
INSERT INTO metric_kind VALUES('handled_latency_p90_us','generator','us','p90 handled latency','less',0.9000000000000000222,'the moment at which the load generator has the event − due time: `delivery_latency` and `client_queue` together',34);
INSERT INTO metric_kind VALUES('handled_latency_p999_us','generator','us','p99.9 handled latency','less',0.99899999999999999911,'the moment at which the load generator has the event − due time: `delivery_latency` and `client_queue` together',36);
INSERT INTO metric_kind VALUES('handled_latency_p99_us','generator','us','p99 handled latency','less',0.98999999999999999111,'the moment at which the load generator has the event − due time: `delivery_latency` and `client_queue` together',35);
INSERT INTO metric_kind VALUES('header_bytes_per_delivery','bytes','bytes','TCP and IP headers of data per delivery','less',NULL,'of these, the TCP and IP headers of the segments that carried data',71);
INSERT INTO metric_kind VALUES('held_up','generator','count','held up deliveries','less',NULL,'deliveries that came behind a lost segment, or before their turn, and could not be read before that one had come: they count as arrived when they were handled',64);
INSERT INTO metric_kind VALUES('kernel_memory_bytes_per_connection','memory','bytes','kernel memory per connection','less',NULL,'socket memory in the kernel for both ends',95);
INSERT INTO metric_kind VALUES('link_bytes','link','bytes','bytes on the link','neither',NULL,'their bytes, IP headers included: also of what the link then lost',132);
INSERT INTO metric_kind VALUES('link_bytes_per_delivery','link','bytes','bytes on the link per delivery','less',NULL,'bytes that were sent in both directions / arrivals. `wire_bytes_per_delivery` counts at the clients, where what was lost on its way down never came',133);
INSERT INTO metric_kind VALUES('link_delay_down_us','link','us','delay from servers to clients','neither',NULL,'one way, with an empty queue: the median of some datagrams',119);
INSERT INTO metric_kind VALUES('link_delay_up_us','link','us','delay from clients to servers','neither',NULL,'the same the other way',120);
INSERT INTO metric_kind VALUES('link_down_mbit','link','mbit','rate from servers to clients','neither',NULL,'megabits per second, of IP packets, where the link limits it',121);
INSERT INTO metric_kind VALUES('link_dropped','link','count','frames that were dropped','less',NULL,'because the queue before a narrow line was full',135);
INSERT INTO metric_kind VALUES('link_frames','link','count','frames on the link','neither',NULL,'frames that came to the link in the window, from both sides',131);
INSERT INTO metric_kind VALUES('link_lateness_max_us','link','us','greatest lateness of the relay','less',NULL,'how much later than the link''s law says the relay passed a frame on: its own fault',130);
INSERT INTO metric_kind VALUES('link_lateness_mean_us','link','us','mean lateness of the relay','less',NULL,'how much later than the link''s law says the relay passed a frame on: its own fault',125);
INSERT INTO metric_kind VALUES('link_lateness_p50_us','link','us','median lateness of the relay','less',0.5,'how much later than the link''s law says the relay passed a frame on: its own fault',126);
INSERT INTO metric_kind VALUES('link_lateness_p90_us','link','us','p90 lateness of the relay','less',0.9000000000000000222,'how much later than the link''s law says the relay passed a frame on: its own fault',127);
INSERT INTO metric_kind VALUES('link_lateness_p999_us','link','us','p99.9 lateness of the relay','less',0.99899999999999999911,'how much later than the link''s law says the relay passed a frame on: its own fault',129);
INSERT INTO metric_kind VALUES('link_lateness_p99_us','link','us','p99 lateness of the relay','less',0.98999999999999999111,'how much later than the link''s law says the relay passed a frame on: its own fault',128);
INSERT INTO metric_kind VALUES('link_loss_down_percent','link','percent','loss from servers to clients','neither',NULL,'of a hundred packets, how many did not come',123);
INSERT INTO metric_kind VALUES('link_loss_up_percent','link','percent','loss from clients to servers','neither',NULL,'the same the other way',124);
INSERT INTO metric_kind VALUES('link_lost','link','count','frames that were lost','neither',NULL,'by the loss that was asked for',134);
INSERT INTO metric_kind VALUES('link_overrun','link','count','frames that the relay lost','less',NULL,'because the relay itself was too slow',136);
INSERT INTO metric_kind VALUES('link_round_trip_us','link','us','round trip of the link','neither',NULL,'the time of a TCP handshake: there and back, with empty queues',118);
INSERT INTO metric_kind VALUES('link_up_mbit','link','mbit','rate from clients to servers','neither',NULL,'the same the other way',122);
INSERT INTO metric_kind VALUES('loop_lag_max_us','generator','us','greatest lag of the client''s loop','less',NULL,'how late the client''s loop comes to something that is due, asked a hundred times a second',61);
INSERT INTO metric_kind VALUES('loop_lag_mean_us','generator','us','mean lag of the client''s loop','less',NULL,'how late the client''s loop comes to something that is due, asked a hundred times a second',56);
INSERT INTO metric_kind VALUES('loop_lag_p50_us','generator','us','median lag of the client''s loop','less',0.5,'how late the client''s loop comes to something that is due, asked a hundred times a second',57);
INSERT INTO metric_kind VALUES('loop_lag_p90_us','generator','us','p90 lag of the client''s loop','less',0.9000000000000000222,'how late the client''s loop comes to something that is due, asked a hundred times a second',58);
INSERT INTO metric_kind VALUES('loop_lag_p999_us','generator','us','p99.9 lag of the client''s loop','less',0.99899999999999999911,'how late the client''s loop comes to something that is due, asked a hundred times a second',60);
INSERT INTO metric_kind VALUES('loop_lag_p99_us','generator','us','p99 lag of the client''s loop','less',0.98999999999999999111,'how late the client''s loop comes to something that is due, asked a hundred times a second',59);
INSERT INTO metric_kind VALUES('lost','ledger','count','lost deliveries','less',NULL,'expected − deliveries',111);
INSERT INTO metric_kind VALUES('malformed','ledger','count','malformed events','less',NULL,'texts that came as an event and were none',114);
INSERT INTO metric_kind VALUES('missed','ledger','count','missed events','less',NULL,'events that the server said the subscriber would not get: they had fallen out of its feed, or, with webhook, ten attempts had failed',115);
INSERT INTO metric_kind VALUES('overhead_bytes_per_delivery','bytes','bytes','bytes besides the payload per delivery','less',NULL,'what the way of delivering adds: framing, headers and acknowledgements together',73);
INSERT INTO metric_kind VALUES('payload_bytes_per_delivery','bytes','bytes','payload per delivery','neither',NULL,'bytes of an event''s payload, as they travelled',69);
INSERT INTO metric_kind VALUES('radio_awake','link','ratio','time that a radio is awake','less',NULL,'of the window, the share that lies within five seconds after a packet of the subscriber''s connection',140);
INSERT INTO metric_kind VALUES('radio_wakeups','link','count','wake-ups of radios','less',NULL,'times that a connection was used after more than five seconds of silence',138);
INSERT INTO metric_kind VALUES('radio_wakeups_per_hour','link','1/h','wake-ups of a radio per hour','less',NULL,'what that comes to per subscriber and hour: a telephone''s radio falls asleep after some seconds of silence, and waking it costs energy and time',139);
INSERT INTO metric_kind VALUES('reconnects','connections','count','reconnects','less',NULL,'subscriptions that had to be made again in the window',103);
INSERT INTO metric_kind VALUES('refusals','connections','count','refusals','less',NULL,'of these, answers that said no: a status that is no success',105);
INSERT INTO metric_kind VALUES('reordered','ledger','count','reordered deliveries','less',NULL,'received after a newer one',113);
INSERT INTO metric_kind VALUES('request_lag_max_us','generator','us','greatest request lag','less',NULL,'polling: sent − due, of the client''s own schedule. What could not be sent at all, because the poll before it had not even been sent, is in `polls_skipped`',49);
INSERT INTO metric_kind VALUES('request_lag_mean_us','generator','us','mean request lag','less',NULL,'polling: sent − due, of the client''s own schedule. What could not be sent at all, because the poll before it had not even been sent, is in `polls_skipped`',44);
INSERT INTO metric_kind VALUES('request_lag_p50_us','generator','us','median request lag','less',0.5,'polling: sent − due, of the client''s own schedule. What could not be sent at all, because the poll before it had not even been sent, is in `polls_skipped`',45);
INSERT INTO metric_kind VALUES('request_lag_p90_us','generator','us','p90 request lag','less',0.9000000000000000222,'polling: sent − due, of the client''s own schedule. What could not be sent at all, because the poll before it had not even been sent, is in `polls_skipped`',46);
INSERT INTO metric_kind VALUES('request_lag_p999_us','generator','us','p99.9 request lag','less',0.99899999999999999911,'polling: sent − due, of the client''s own schedule. What could not be sent at all, because the poll before it had not even been sent, is in `polls_skipped`',48);
INSERT INTO metric_kind VALUES('request_lag_p99_us','generator','us','p99 request lag','less',0.98999999999999999111,'polling: sent − due, of the client''s own schedule. What could not be sent at all, because the poll before it had not even been sent, is in `polls_skipped`',47);
INSERT INTO metric_kind VALUES('requests','work','count','requests','less',NULL,'HTTP requests in the window: polls, long polls, webhook POSTs. 0 where a connection stays open',79);
INSERT INTO metric_kind VALUES('requests_per_delivery','work','ratio','requests per delivery','less',NULL,'requests / arrivals',78);
INSERT INTO metric_kind VALUES('resets','ledger','count','resets','less',NULL,'times that a subscriber was told that the server had begun another life',116);
INSERT INTO metric_kind VALUES('retransmissions','link','count','retransmissions','less',NULL,'segments with data that had been sent before, both directions',137);
INSERT INTO metric_kind VALUES('round_trip_max_us','generator','us','greatest round trip','less',NULL,'polling: from sending a request to its complete answer',55);
INSERT INTO metric_kind VALUES('round_trip_mean_us','generator','us','mean round trip','less',NULL,'polling: from sending a request to its complete answer',50);
INSERT INTO metric_kind VALUES('round_trip_p50_us','generator','us','median round trip','less',0.5,'polling: from sending a request to its complete answer',51);
INSERT INTO metric_kind VALUES('round_trip_p90_us','generator','us','p90 round trip','less',0.9000000000000000222,'polling: from sending a request to its complete answer',52);
INSERT INTO metric_kind VALUES('round_trip_p999_us','generator','us','p99.9 round trip','less',0.99899999999999999911,'polling: from sending a request to its complete answer',54);
INSERT INTO metric_kind VALUES('round_trip_p99_us','generator','us','p99 round trip','less',0.98999999999999999111,'polling: from sending a request to its complete answer',53);
INSERT INTO metric_kind VALUES('schedule_lag_max_us','parts','us','greatest schedule lag','less',NULL,'publish time − due time: the publisher''s own fault',18);
INSERT INTO metric_kind VALUES('schedule_lag_mean_us','parts','us','mean schedule lag','less',NULL,'publish time − due time: the publisher''s own fault',13);
INSERT INTO metric_kind VALUES('schedule_lag_p50_us','parts','us','median schedule lag','less',0.5,'publish time − due time: the publisher''s own fault',14);
INSERT INTO metric_kind VALUES('schedule_lag_p90_us','parts','us','p90 schedule lag','less',0.9000000000000000222,'publish time − due time: the publisher''s own fault',15);
INSERT INTO metric_kind VALUES('schedule_lag_p999_us','parts','us','p99.9 schedule lag','less',0.99899999999999999911,'publish time − due time: the publisher''s own fault',17);
INSERT INTO metric_kind VALUES('schedule_lag_p99_us','parts','us','p99 schedule lag','less',0.98999999999999999111,'publish time − due time: the publisher''s own fault',16);
INSERT INTO metric_kind VALUES('segments','bytes','count','TCP segments','less',NULL,'TCP segments, both directions, pure acknowledgements and retransmissions included',77);
INSERT INTO metric_kind VALUES('server_cpu_us_per_delivery','server_cpu','us','server CPU per delivery','less',NULL,'CPU time of the servers, user and system, over the window / arrivals',81);
INSERT INTO metric_kind VALUES('server_cpu_utilisation','server_cpu','cores','server CPU','less',NULL,'CPU time of the servers / length of the window; 1 is one core busy all the time',82);
INSERT INTO metric_kind VALUES('server_cpu_wait','server_cpu','cores','server''s wait for a CPU','less',NULL,'time in which the servers were ready to run but got no processor / length of the window',83);
INSERT INTO metric_kind VALUES('server_loop_lag_max_us','server_cpu','us','greatest lag of the server''s loop','less',NULL,'how late the server''s loop comes to something that is due, asked a hundred times a second',89);
INSERT INTO metric_kind VALUES('server_loop_lag_mean_us','server_cpu','us','mean lag of the server''s loop','less',NULL,'how late the server''s loop comes to something that is due, asked a hundred times a second',84);
INSERT INTO metric_kind VALUES('server_loop_lag_p50_us','server_cpu','us','median lag of the server''s loop','less',0.5,'how late the server''s loop comes to something that is due, asked a hundred times a second',85);
INSERT INTO metric_kind VALUES('server_loop_lag_p90_us','server_cpu','us','p90 lag of the server''s loop','less',0.9000000000000000222,'how late the server''s loop comes to something that is due, asked a hundred times a second',86);
INSERT INTO metric_kind VALUES('server_loop_lag_p999_us','server_cpu','us','p99.9 lag of the server''s loop','less',0.99899999999999999911,'how late the server''s loop comes to something that is due, asked a hundred times a second',88);
INSERT INTO metric_kind VALUES('server_loop_lag_p99_us','server_cpu','us','p99 lag of the server''s loop','less',0.98999999999999999111,'how late the server''s loop comes to something that is due, asked a hundred times a second',87);
INSERT INTO metric_kind VALUES('server_memory_bytes_per_connection','memory','bytes','server memory per connection','less',NULL,'resident memory of the servers when the window opens − before the first connection, / connections',93);
INSERT INTO metric_kind VALUES('server_work_max_us','parts','us','greatest server work','less',NULL,'from publication (or from the request that asked for it) until the server begins to write it to this subscriber: mostly waiting for one''s turn among the others',30);
INSERT INTO metric_kind VALUES('server_work_mean_us','parts','us','mean server work','less',NULL,'from publication (or from the request that asked for it) until the server begins to write it to this subscriber: mostly waiting for one''s turn among the others',25);
INSERT INTO metric_kind VALUES('server_work_p50_us','parts','us','median server work','less',0.5,'from publication (or from the request that asked for it) until the server begins to write it to this subscriber: mostly waiting for one''s turn among the others',26);
INSERT INTO metric_kind VALUES('server_work_p90_us','parts','us','p90 server work','less',0.9000000000000000222,'from publication (or from the request that asked for it) until the server begins to write it to this subscriber: mostly waiting for one''s turn among the others',27);
INSERT INTO metric_kind VALUES('server_work_p999_us','parts','us','p99.9 server work','less',0.99899999999999999911,'from publication (or from the request that asked for it) until the server begins to write it to this subscriber: mostly waiting for one''s turn among the others',29);
INSERT INTO metric_kind VALUES('server_work_p99_us','parts','us','p99 server work','less',0.98999999999999999111,'from publication (or from the request that asked for it) until the server begins to write it to this subscriber: mostly waiting for one''s turn among the others',28);
INSERT INTO metric_kind VALUES('service_latency_max_us','latency','us','greatest service latency','less',NULL,'arrival − publish time: what a tool would report that starts its clock when it sends',12);
INSERT INTO metric_kind VALUES('service_latency_mean_us','latency','us','mean service latency','less',NULL,'arrival − publish time: what a tool would report that starts its clock when it sends',7);
INSERT INTO metric_kind VALUES('service_latency_p50_us','latency','us','median service latency','less',0.5,'arrival − publish time: what a tool would report that starts its clock when it sends',8);
INSERT INTO metric_kind VALUES('service_latency_p90_us','latency','us','p90 service latency','less',0.9000000000000000222,'arrival − publish time: what a tool would report that starts its clock when it sends',9);
INSERT INTO metric_kind VALUES('service_latency_p999_us','latency','us','p99.9 service latency','less',0.99899999999999999911,'arrival − publish time: what a tool would report that starts its clock when it sends',11);
INSERT INTO metric_kind VALUES('service_latency_p99_us','latency','us','p99 service latency','less',0.98999999999999999111,'arrival − publish time: what a tool would report that starts its clock when it sends',10);
INSERT INTO metric_kind VALUES('stamps_dropped','generator','count','dropped stamps','less',NULL,'deliveries without a kernel stamp that can be true (the wall clock was set meanwhile): they count as arrived when they were handled',62);
INSERT INTO metric_kind VALUES('stamps_shared','generator','count','shared stamps','less',NULL,'deliveries by push that were read together with later ones, so that the kernel kept the stamp of the last: they arrived earlier than they seem, by up to the time between the two; counted where that is, for the first of them, more than a twentieth of the latency, and the client came more than 0.5 ms late to them or to what else was due: else TCP brought them together',63);
INSERT INTO metric_kind VALUES('subscribers','ledger','count','subscribers','neither',NULL,'simulated users',107);
INSERT INTO metric_kind VALUES('transit_mean_us','parts','us','mean transit','less',NULL,'what is left: the write, the kernel, and whatever lies between',31);
INSERT INTO metric_kind VALUES('wire_bytes_down','bytes','bytes','bytes from servers to clients','less',NULL,'bytes from servers to clients, in the window',75);
INSERT INTO metric_kind VALUES('wire_bytes_per_delivery','bytes','bytes','bytes on the wire per delivery','less',NULL,'bytes in both directions / arrivals',68);
INSERT INTO metric_kind VALUES('wire_bytes_per_subscriber_second','bytes','bytes','bytes per subscriber and second','less',NULL,'bytes in both directions / (subscribers × seconds): the price of being subscribed',76);
INSERT INTO metric_kind VALUES('wire_bytes_up','bytes','bytes','bytes from clients to servers','less',NULL,'bytes from clients to servers, in the window',74);
CREATE TABLE interval_rank (
    from_n INTEGER PRIMARY KEY,
    k      INTEGER NOT NULL
) STRICT;
INSERT INTO interval_rank VALUES(1,1);
INSERT INTO interval_rank VALUES(9,2);
INSERT INTO interval_rank VALUES(12,3);
INSERT INTO interval_rank VALUES(15,4);
INSERT INTO interval_rank VALUES(17,5);
INSERT INTO interval_rank VALUES(20,6);
INSERT INTO interval_rank VALUES(23,7);
INSERT INTO interval_rank VALUES(25,8);
INSERT INTO interval_rank VALUES(28,9);
INSERT INTO interval_rank VALUES(30,10);
INSERT INTO interval_rank VALUES(33,11);
INSERT INTO interval_rank VALUES(35,12);
INSERT INTO interval_rank VALUES(37,13);
INSERT INTO interval_rank VALUES(40,14);
INSERT INTO interval_rank VALUES(42,15);
INSERT INTO interval_rank VALUES(44,16);
INSERT INTO interval_rank VALUES(47,17);
INSERT INTO interval_rank VALUES(49,18);
INSERT INTO interval_rank VALUES(51,19);
INSERT INTO interval_rank VALUES(54,20);
INSERT INTO interval_rank VALUES(56,21);
INSERT INTO interval_rank VALUES(58,22);
INSERT INTO interval_rank VALUES(61,23);
INSERT INTO interval_rank VALUES(63,24);
INSERT INTO interval_rank VALUES(65,25);
INSERT INTO interval_rank VALUES(67,26);
INSERT INTO interval_rank VALUES(70,27);
INSERT INTO interval_rank VALUES(72,28);
INSERT INTO interval_rank VALUES(74,29);
INSERT INTO interval_rank VALUES(77,30);
INSERT INTO interval_rank VALUES(79,31);
INSERT INTO interval_rank VALUES(81,32);
INSERT INTO interval_rank VALUES(83,33);
INSERT INTO interval_rank VALUES(86,34);
INSERT INTO interval_rank VALUES(88,35);
INSERT INTO interval_rank VALUES(90,36);
INSERT INTO interval_rank VALUES(92,37);
INSERT INTO interval_rank VALUES(94,38);
INSERT INTO interval_rank VALUES(97,39);
INSERT INTO interval_rank VALUES(99,40);
INSERT INTO interval_rank VALUES(101,41);
INSERT INTO interval_rank VALUES(103,42);
INSERT INTO interval_rank VALUES(106,43);
INSERT INTO interval_rank VALUES(108,44);
INSERT INTO interval_rank VALUES(110,45);
INSERT INTO interval_rank VALUES(112,46);
INSERT INTO interval_rank VALUES(114,47);
INSERT INTO interval_rank VALUES(117,48);
INSERT INTO interval_rank VALUES(119,49);
INSERT INTO interval_rank VALUES(121,50);
INSERT INTO interval_rank VALUES(123,51);
INSERT INTO interval_rank VALUES(125,52);
INSERT INTO interval_rank VALUES(128,53);
INSERT INTO interval_rank VALUES(130,54);
INSERT INTO interval_rank VALUES(132,55);
INSERT INTO interval_rank VALUES(134,56);
INSERT INTO interval_rank VALUES(136,57);
INSERT INTO interval_rank VALUES(138,58);
INSERT INTO interval_rank VALUES(141,59);
INSERT INTO interval_rank VALUES(143,60);
INSERT INTO interval_rank VALUES(145,61);
INSERT INTO interval_rank VALUES(147,62);
INSERT INTO interval_rank VALUES(149,63);
INSERT INTO interval_rank VALUES(152,64);
INSERT INTO interval_rank VALUES(154,65);
INSERT INTO interval_rank VALUES(156,66);
INSERT INTO interval_rank VALUES(158,67);
INSERT INTO interval_rank VALUES(160,68);
INSERT INTO interval_rank VALUES(162,69);
INSERT INTO interval_rank VALUES(165,70);
INSERT INTO interval_rank VALUES(167,71);
INSERT INTO interval_rank VALUES(169,72);
INSERT INTO interval_rank VALUES(171,73);
INSERT INTO interval_rank VALUES(173,74);
INSERT INTO interval_rank VALUES(175,75);
INSERT INTO interval_rank VALUES(178,76);
INSERT INTO interval_rank VALUES(180,77);
INSERT INTO interval_rank VALUES(182,78);
INSERT INTO interval_rank VALUES(184,79);
INSERT INTO interval_rank VALUES(186,80);
INSERT INTO interval_rank VALUES(188,81);
INSERT INTO interval_rank VALUES(190,82);
INSERT INTO interval_rank VALUES(193,83);
INSERT INTO interval_rank VALUES(195,84);
INSERT INTO interval_rank VALUES(197,85);
INSERT INTO interval_rank VALUES(199,86);
INSERT INTO interval_rank VALUES(201,87);
INSERT INTO interval_rank VALUES(203,88);
INSERT INTO interval_rank VALUES(206,89);
INSERT INTO interval_rank VALUES(208,90);
INSERT INTO interval_rank VALUES(210,91);
INSERT INTO interval_rank VALUES(212,92);
INSERT INTO interval_rank VALUES(214,93);
INSERT INTO interval_rank VALUES(216,94);
INSERT INTO interval_rank VALUES(218,95);
INSERT INTO interval_rank VALUES(221,96);
INSERT INTO interval_rank VALUES(223,97);
INSERT INTO interval_rank VALUES(225,98);
INSERT INTO interval_rank VALUES(227,99);
INSERT INTO interval_rank VALUES(229,100);
INSERT INTO interval_rank VALUES(231,101);
INSERT INTO interval_rank VALUES(233,102);
INSERT INTO interval_rank VALUES(236,103);
INSERT INTO interval_rank VALUES(238,104);
INSERT INTO interval_rank VALUES(240,105);
INSERT INTO interval_rank VALUES(242,106);
INSERT INTO interval_rank VALUES(244,107);
INSERT INTO interval_rank VALUES(246,108);
INSERT INTO interval_rank VALUES(248,109);
INSERT INTO interval_rank VALUES(250,110);
INSERT INTO interval_rank VALUES(253,111);
INSERT INTO interval_rank VALUES(255,112);
INSERT INTO interval_rank VALUES(257,113);
INSERT INTO interval_rank VALUES(259,114);
INSERT INTO interval_rank VALUES(261,115);
INSERT INTO interval_rank VALUES(263,116);
INSERT INTO interval_rank VALUES(265,117);
INSERT INTO interval_rank VALUES(267,118);
INSERT INTO interval_rank VALUES(270,119);
INSERT INTO interval_rank VALUES(272,120);
INSERT INTO interval_rank VALUES(274,121);
INSERT INTO interval_rank VALUES(276,122);
INSERT INTO interval_rank VALUES(278,123);
INSERT INTO interval_rank VALUES(280,124);
INSERT INTO interval_rank VALUES(282,125);
INSERT INTO interval_rank VALUES(285,126);
INSERT INTO interval_rank VALUES(287,127);
INSERT INTO interval_rank VALUES(289,128);
INSERT INTO interval_rank VALUES(291,129);
INSERT INTO interval_rank VALUES(293,130);
INSERT INTO interval_rank VALUES(295,131);
INSERT INTO interval_rank VALUES(297,132);
INSERT INTO interval_rank VALUES(299,133);
INSERT INTO interval_rank VALUES(301,134);
INSERT INTO interval_rank VALUES(304,135);
INSERT INTO interval_rank VALUES(306,136);
INSERT INTO interval_rank VALUES(308,137);
INSERT INTO interval_rank VALUES(310,138);
INSERT INTO interval_rank VALUES(312,139);
INSERT INTO interval_rank VALUES(314,140);
INSERT INTO interval_rank VALUES(316,141);
INSERT INTO interval_rank VALUES(318,142);
INSERT INTO interval_rank VALUES(321,143);
INSERT INTO interval_rank VALUES(323,144);
INSERT INTO interval_rank VALUES(325,145);
INSERT INTO interval_rank VALUES(327,146);
INSERT INTO interval_rank VALUES(329,147);
INSERT INTO interval_rank VALUES(331,148);
INSERT INTO interval_rank VALUES(333,149);
INSERT INTO interval_rank VALUES(335,150);
INSERT INTO interval_rank VALUES(337,151);
INSERT INTO interval_rank VALUES(340,152);
INSERT INTO interval_rank VALUES(342,153);
INSERT INTO interval_rank VALUES(344,154);
INSERT INTO interval_rank VALUES(346,155);
INSERT INTO interval_rank VALUES(348,156);
INSERT INTO interval_rank VALUES(350,157);
INSERT INTO interval_rank VALUES(352,158);
INSERT INTO interval_rank VALUES(354,159);
INSERT INTO interval_rank VALUES(356,160);
INSERT INTO interval_rank VALUES(359,161);
INSERT INTO interval_rank VALUES(361,162);
INSERT INTO interval_rank VALUES(363,163);
INSERT INTO interval_rank VALUES(365,164);
INSERT INTO interval_rank VALUES(367,165);
INSERT INTO interval_rank VALUES(369,166);
INSERT INTO interval_rank VALUES(371,167);
INSERT INTO interval_rank VALUES(373,168);
INSERT INTO interval_rank VALUES(375,169);
INSERT INTO interval_rank VALUES(378,170);
INSERT INTO interval_rank VALUES(380,171);
INSERT INTO interval_rank VALUES(382,172);
INSERT INTO interval_rank VALUES(384,173);
INSERT INTO interval_rank VALUES(386,174);
INSERT INTO interval_rank VALUES(388,175);
INSERT INTO interval_rank VALUES(390,176);
INSERT INTO interval_rank VALUES(392,177);
INSERT INTO interval_rank VALUES(394,178);
INSERT INTO interval_rank VALUES(396,179);
INSERT INTO interval_rank VALUES(399,180);
INSERT INTO interval_rank VALUES(401,181);
INSERT INTO interval_rank VALUES(403,182);
INSERT INTO interval_rank VALUES(405,183);
INSERT INTO interval_rank VALUES(407,184);
INSERT INTO interval_rank VALUES(409,185);
INSERT INTO interval_rank VALUES(411,186);
INSERT INTO interval_rank VALUES(413,187);
INSERT INTO interval_rank VALUES(415,188);
INSERT INTO interval_rank VALUES(418,189);
INSERT INTO interval_rank VALUES(420,190);
INSERT INTO interval_rank VALUES(422,191);
INSERT INTO interval_rank VALUES(424,192);
INSERT INTO interval_rank VALUES(426,193);
INSERT INTO interval_rank VALUES(428,194);
INSERT INTO interval_rank VALUES(430,195);
INSERT INTO interval_rank VALUES(432,196);
INSERT INTO interval_rank VALUES(434,197);
INSERT INTO interval_rank VALUES(436,198);
INSERT INTO interval_rank VALUES(438,199);
INSERT INTO interval_rank VALUES(441,200);
INSERT INTO interval_rank VALUES(443,201);
INSERT INTO interval_rank VALUES(445,202);
INSERT INTO interval_rank VALUES(447,203);
INSERT INTO interval_rank VALUES(449,204);
INSERT INTO interval_rank VALUES(451,205);
INSERT INTO interval_rank VALUES(453,206);
INSERT INTO interval_rank VALUES(455,207);
INSERT INTO interval_rank VALUES(457,208);
INSERT INTO interval_rank VALUES(459,209);
INSERT INTO interval_rank VALUES(462,210);
INSERT INTO interval_rank VALUES(464,211);
INSERT INTO interval_rank VALUES(466,212);
INSERT INTO interval_rank VALUES(468,213);
INSERT INTO interval_rank VALUES(470,214);
INSERT INTO interval_rank VALUES(472,215);
INSERT INTO interval_rank VALUES(474,216);
INSERT INTO interval_rank VALUES(476,217);
INSERT INTO interval_rank VALUES(478,218);
INSERT INTO interval_rank VALUES(480,219);
INSERT INTO interval_rank VALUES(483,220);
INSERT INTO interval_rank VALUES(485,221);
INSERT INTO interval_rank VALUES(487,222);
INSERT INTO interval_rank VALUES(489,223);
INSERT INTO interval_rank VALUES(491,224);
INSERT INTO interval_rank VALUES(493,225);
INSERT INTO interval_rank VALUES(495,226);
INSERT INTO interval_rank VALUES(497,227);
INSERT INTO interval_rank VALUES(499,228);
INSERT INTO interval_rank VALUES(501,229);
INSERT INTO interval_rank VALUES(503,230);
INSERT INTO interval_rank VALUES(506,231);
INSERT INTO interval_rank VALUES(508,232);
INSERT INTO interval_rank VALUES(510,233);
INSERT INTO interval_rank VALUES(512,234);
INSERT INTO interval_rank VALUES(514,235);
INSERT INTO interval_rank VALUES(516,236);
INSERT INTO interval_rank VALUES(518,237);
INSERT INTO interval_rank VALUES(520,238);
INSERT INTO interval_rank VALUES(522,239);
INSERT INTO interval_rank VALUES(524,240);
INSERT INTO interval_rank VALUES(526,241);
INSERT INTO interval_rank VALUES(529,242);
INSERT INTO interval_rank VALUES(531,243);
INSERT INTO interval_rank VALUES(533,244);
INSERT INTO interval_rank VALUES(535,245);
INSERT INTO interval_rank VALUES(537,246);
INSERT INTO interval_rank VALUES(539,247);
INSERT INTO interval_rank VALUES(541,248);
INSERT INTO interval_rank VALUES(543,249);
INSERT INTO interval_rank VALUES(545,250);
INSERT INTO interval_rank VALUES(547,251);
INSERT INTO interval_rank VALUES(549,252);
INSERT INTO interval_rank VALUES(551,253);
INSERT INTO interval_rank VALUES(554,254);
INSERT INTO interval_rank VALUES(556,255);
INSERT INTO interval_rank VALUES(558,256);
INSERT INTO interval_rank VALUES(560,257);
INSERT INTO interval_rank VALUES(562,258);
INSERT INTO interval_rank VALUES(564,259);
INSERT INTO interval_rank VALUES(566,260);
INSERT INTO interval_rank VALUES(568,261);
INSERT INTO interval_rank VALUES(570,262);
INSERT INTO interval_rank VALUES(572,263);
INSERT INTO interval_rank VALUES(574,264);
INSERT INTO interval_rank VALUES(577,265);
INSERT INTO interval_rank VALUES(579,266);
INSERT INTO interval_rank VALUES(581,267);
INSERT INTO interval_rank VALUES(583,268);
INSERT INTO interval_rank VALUES(585,269);
INSERT INTO interval_rank VALUES(587,270);
INSERT INTO interval_rank VALUES(589,271);
INSERT INTO interval_rank VALUES(591,272);
INSERT INTO interval_rank VALUES(593,273);
INSERT INTO interval_rank VALUES(595,274);
INSERT INTO interval_rank VALUES(597,275);
INSERT INTO interval_rank VALUES(599,276);
INSERT INTO interval_rank VALUES(602,277);
INSERT INTO interval_rank VALUES(604,278);
INSERT INTO interval_rank VALUES(606,279);
INSERT INTO interval_rank VALUES(608,280);
INSERT INTO interval_rank VALUES(610,281);
INSERT INTO interval_rank VALUES(612,282);
INSERT INTO interval_rank VALUES(614,283);
INSERT INTO interval_rank VALUES(616,284);
INSERT INTO interval_rank VALUES(618,285);
INSERT INTO interval_rank VALUES(620,286);
INSERT INTO interval_rank VALUES(622,287);
INSERT INTO interval_rank VALUES(624,288);
INSERT INTO interval_rank VALUES(627,289);
INSERT INTO interval_rank VALUES(629,290);
INSERT INTO interval_rank VALUES(631,291);
INSERT INTO interval_rank VALUES(633,292);
INSERT INTO interval_rank VALUES(635,293);
INSERT INTO interval_rank VALUES(637,294);
INSERT INTO interval_rank VALUES(639,295);
INSERT INTO interval_rank VALUES(641,296);
INSERT INTO interval_rank VALUES(643,297);
INSERT INTO interval_rank VALUES(645,298);
INSERT INTO interval_rank VALUES(647,299);
INSERT INTO interval_rank VALUES(649,300);
INSERT INTO interval_rank VALUES(651,301);
INSERT INTO interval_rank VALUES(654,302);
INSERT INTO interval_rank VALUES(656,303);
INSERT INTO interval_rank VALUES(658,304);
INSERT INTO interval_rank VALUES(660,305);
INSERT INTO interval_rank VALUES(662,306);
INSERT INTO interval_rank VALUES(664,307);
INSERT INTO interval_rank VALUES(666,308);
INSERT INTO interval_rank VALUES(668,309);
INSERT INTO interval_rank VALUES(670,310);
INSERT INTO interval_rank VALUES(672,311);
INSERT INTO interval_rank VALUES(674,312);
INSERT INTO interval_rank VALUES(676,313);
INSERT INTO interval_rank VALUES(679,314);
INSERT INTO interval_rank VALUES(681,315);
INSERT INTO interval_rank VALUES(683,316);
INSERT INTO interval_rank VALUES(685,317);
INSERT INTO interval_rank VALUES(687,318);
INSERT INTO interval_rank VALUES(689,319);
INSERT INTO interval_rank VALUES(691,320);
INSERT INTO interval_rank VALUES(693,321);
INSERT INTO interval_rank VALUES(695,322);
INSERT INTO interval_rank VALUES(697,323);
INSERT INTO interval_rank VALUES(699,324);
INSERT INTO interval_rank VALUES(701,325);
INSERT INTO interval_rank VALUES(703,326);
INSERT INTO interval_rank VALUES(706,327);
INSERT INTO interval_rank VALUES(708,328);
INSERT INTO interval_rank VALUES(710,329);
INSERT INTO interval_rank VALUES(712,330);
INSERT INTO interval_rank VALUES(714,331);
INSERT INTO interval_rank VALUES(716,332);
INSERT INTO interval_rank VALUES(718,333);
INSERT INTO interval_rank VALUES(720,334);
INSERT INTO interval_rank VALUES(722,335);
INSERT INTO interval_rank VALUES(724,336);
INSERT INTO interval_rank VALUES(726,337);
INSERT INTO interval_rank VALUES(728,338);
INSERT INTO interval_rank VALUES(730,339);
INSERT INTO interval_rank VALUES(733,340);
INSERT INTO interval_rank VALUES(735,341);
INSERT INTO interval_rank VALUES(737,342);
INSERT INTO interval_rank VALUES(739,343);
INSERT INTO interval_rank VALUES(741,344);
INSERT INTO interval_rank VALUES(743,345);
INSERT INTO interval_rank VALUES(745,346);
INSERT INTO interval_rank VALUES(747,347);
INSERT INTO interval_rank VALUES(749,348);
INSERT INTO interval_rank VALUES(751,349);
INSERT INTO interval_rank VALUES(753,350);
INSERT INTO interval_rank VALUES(755,351);
INSERT INTO interval_rank VALUES(757,352);
INSERT INTO interval_rank VALUES(759,353);
INSERT INTO interval_rank VALUES(762,354);
INSERT INTO interval_rank VALUES(764,355);
INSERT INTO interval_rank VALUES(766,356);
INSERT INTO interval_rank VALUES(768,357);
INSERT INTO interval_rank VALUES(770,358);
INSERT INTO interval_rank VALUES(772,359);
INSERT INTO interval_rank VALUES(774,360);
INSERT INTO interval_rank VALUES(776,361);
INSERT INTO interval_rank VALUES(778,362);
INSERT INTO interval_rank VALUES(780,363);
INSERT INTO interval_rank VALUES(782,364);
INSERT INTO interval_rank VALUES(784,365);
INSERT INTO interval_rank VALUES(786,366);
INSERT INTO interval_rank VALUES(789,367);
INSERT INTO interval_rank VALUES(791,368);
INSERT INTO interval_rank VALUES(793,369);
INSERT INTO interval_rank VALUES(795,370);
INSERT INTO interval_rank VALUES(797,371);
INSERT INTO interval_rank VALUES(799,372);
INSERT INTO interval_rank VALUES(801,373);
INSERT INTO interval_rank VALUES(803,374);
INSERT INTO interval_rank VALUES(805,375);
INSERT INTO interval_rank VALUES(807,376);
INSERT INTO interval_rank VALUES(809,377);
INSERT INTO interval_rank VALUES(811,378);
INSERT INTO interval_rank VALUES(813,379);
INSERT INTO interval_rank VALUES(815,380);
INSERT INTO interval_rank VALUES(818,381);
INSERT INTO interval_rank VALUES(820,382);
INSERT INTO interval_rank VALUES(822,383);
INSERT INTO interval_rank VALUES(824,384);
INSERT INTO interval_rank VALUES(826,385);
INSERT INTO interval_rank VALUES(828,386);
INSERT INTO interval_rank VALUES(830,387);
INSERT INTO interval_rank VALUES(832,388);
INSERT INTO interval_rank VALUES(834,389);
INSERT INTO interval_rank VALUES(836,390);
INSERT INTO interval_rank VALUES(838,391);
INSERT INTO interval_rank VALUES(840,392);
INSERT INTO interval_rank VALUES(842,393);
INSERT INTO interval_rank VALUES(844,394);
INSERT INTO interval_rank VALUES(846,395);
INSERT INTO interval_rank VALUES(849,396);
INSERT INTO interval_rank VALUES(851,397);
INSERT INTO interval_rank VALUES(853,398);
INSERT INTO interval_rank VALUES(855,399);
INSERT INTO interval_rank VALUES(857,400);
INSERT INTO interval_rank VALUES(859,401);
INSERT INTO interval_rank VALUES(861,402);
INSERT INTO interval_rank VALUES(863,403);
INSERT INTO interval_rank VALUES(865,404);
INSERT INTO interval_rank VALUES(867,405);
INSERT INTO interval_rank VALUES(869,406);
INSERT INTO interval_rank VALUES(871,407);
INSERT INTO interval_rank VALUES(873,408);
INSERT INTO interval_rank VALUES(875,409);
INSERT INTO interval_rank VALUES(878,410);
INSERT INTO interval_rank VALUES(880,411);
INSERT INTO interval_rank VALUES(882,412);
INSERT INTO interval_rank VALUES(884,413);
INSERT INTO interval_rank VALUES(886,414);
INSERT INTO interval_rank VALUES(888,415);
INSERT INTO interval_rank VALUES(890,416);
INSERT INTO interval_rank VALUES(892,417);
INSERT INTO interval_rank VALUES(894,418);
INSERT INTO interval_rank VALUES(896,419);
INSERT INTO interval_rank VALUES(898,420);
INSERT INTO interval_rank VALUES(900,421);
INSERT INTO interval_rank VALUES(902,422);
INSERT INTO interval_rank VALUES(904,423);
INSERT INTO interval_rank VALUES(906,424);
INSERT INTO interval_rank VALUES(909,425);
INSERT INTO interval_rank VALUES(911,426);
INSERT INTO interval_rank VALUES(913,427);
INSERT INTO interval_rank VALUES(915,428);
INSERT INTO interval_rank VALUES(917,429);
INSERT INTO interval_rank VALUES(919,430);
INSERT INTO interval_rank VALUES(921,431);
INSERT INTO interval_rank VALUES(923,432);
INSERT INTO interval_rank VALUES(925,433);
INSERT INTO interval_rank VALUES(927,434);
INSERT INTO interval_rank VALUES(929,435);
INSERT INTO interval_rank VALUES(931,436);
INSERT INTO interval_rank VALUES(933,437);
INSERT INTO interval_rank VALUES(935,438);
INSERT INTO interval_rank VALUES(937,439);
INSERT INTO interval_rank VALUES(940,440);
INSERT INTO interval_rank VALUES(942,441);
INSERT INTO interval_rank VALUES(944,442);
INSERT INTO interval_rank VALUES(946,443);
INSERT INTO interval_rank VALUES(948,444);
INSERT INTO interval_rank VALUES(950,445);
INSERT INTO interval_rank VALUES(952,446);
INSERT INTO interval_rank VALUES(954,447);
INSERT INTO interval_rank VALUES(956,448);
INSERT INTO interval_rank VALUES(958,449);
INSERT INTO interval_rank VALUES(960,450);
INSERT INTO interval_rank VALUES(962,451);
INSERT INTO interval_rank VALUES(964,452);
INSERT INTO interval_rank VALUES(966,453);
INSERT INTO interval_rank VALUES(968,454);
INSERT INTO interval_rank VALUES(971,455);
INSERT INTO interval_rank VALUES(973,456);
INSERT INTO interval_rank VALUES(975,457);
INSERT INTO interval_rank VALUES(977,458);
INSERT INTO interval_rank VALUES(979,459);
INSERT INTO interval_rank VALUES(981,460);
INSERT INTO interval_rank VALUES(983,461);
INSERT INTO interval_rank VALUES(985,462);
INSERT INTO interval_rank VALUES(987,463);
INSERT INTO interval_rank VALUES(989,464);
INSERT INTO interval_rank VALUES(991,465);
INSERT INTO interval_rank VALUES(993,466);
INSERT INTO interval_rank VALUES(995,467);
INSERT INTO interval_rank VALUES(997,468);
INSERT INTO interval_rank VALUES(999,469);
CREATE TABLE experiment (
    id              INTEGER PRIMARY KEY,
    scenario        TEXT NOT NULL,           -- the file's stem: quick
    scenario_text   TEXT NOT NULL,           -- the file
    overrides       TEXT NOT NULL CHECK (json_valid(overrides)), -- of the command line:
                                             -- {"set":{"subscribers":"7"},"only":"sse,tcp","mode":"both"}
    mode            TEXT NOT NULL            -- both: each live trial is followed by its simulated twin
                    CHECK (mode IN ('live', 'simulated', 'both')),
    seed            INTEGER NOT NULL,
    started_at      TEXT NOT NULL,
    finished_at     TEXT,                    -- NULL: interrupted, or still running
    git_revision    TEXT NOT NULL,           -- "unknown"; ends with "-dirty" when files were changed
    environment     TEXT NOT NULL CHECK (json_valid(environment)),
    label           TEXT NOT NULL DEFAULT '' -- a word of whoever ran it
) STRICT;
INSERT INTO experiment VALUES(1,'few',replace('[scenario]\ntitle = Of version 5\nrepeats = 4\nwarmup_seconds = 0\nmeasure_seconds = 0.1\ndrain_seconds = 0.1\n[hold]\nsubscribers = 2\n[vary]\nstrategy = sse\n','\n',char(10)),'{}','live',1,'2026-01-01T00:00:00Z',NULL,'0123456789ab','{"kernel":"Linux","cores":2}','kept');
INSERT INTO experiment VALUES(2,'few',replace('[scenario]\ntitle = Of version 5\nrepeats = 4\nwarmup_seconds = 0\nmeasure_seconds = 0.1\ndrain_seconds = 0.1\n[hold]\nsubscribers = 2\n[vary]\nstrategy = sse\n','\n',char(10)),'{"base":"base/bin","pairs":1}','live',1,'2026-01-01T00:00:00Z','2026-01-01T00:00:00Z','0123456789ab','{"kernel":"Linux","cores":2}','pairs');
INSERT INTO experiment VALUES(3,'few',replace('[scenario]\ntitle = Of version 5\nrepeats = 4\nwarmup_seconds = 0\nmeasure_seconds = 0.1\ndrain_seconds = 0.1\n[hold]\nlink.rtt_ms = 50\nsubscribers = 2\n[vary]\nstrategy = sse\n','\n',char(10)),'{}','both',1,'2026-01-01T00:00:00Z','2026-01-01T00:00:00Z','0123456789ab','{"kernel":"Linux","cores":2}','far');
CREATE TABLE trial (
    id            INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    strategy      TEXT NOT NULL,
    parameters    TEXT NOT NULL CHECK (json_valid(parameters)), -- the cell, without the strategy
    repeat        INTEGER NOT NULL,          -- 1, 2, ...
    position      INTEGER NOT NULL,          -- 1, 2, ...: the order in which trials run
    seed          INTEGER NOT NULL,          -- the same for all strategies of a repeat
    status        TEXT NOT NULL DEFAULT 'planned'
                  CHECK (status IN ('planned', 'running', 'done', 'failed')),
    verdict       TEXT CHECK (verdict IN ('valid', 'failed', 'faulty', 'disturbed',
                                          'generator_bound', 'saturated', 'not_stationary',
                                          'too_few_samples', 'link_off', 'link_bound')),
                                             -- the gravest of its doubts
    reason        TEXT,                      -- why the verdict is not `valid`, in words and numbers
    started_at    TEXT,
    seconds       REAL,                      -- how long the whole trial took
    variant       TEXT NOT NULL DEFAULT ''   -- of a paired run: whose programs; control: the base's once
                                             -- more, against themselves. simulated: of an experiment of
                                             -- mode both, the twin of a live trial
                  CHECK (variant IN ('', 'base', 'candidate', 'control', 'simulated')),
    batch         INTEGER NOT NULL DEFAULT 1, -- of a paired run: 1 looks, 2 confirms; `repeat` is the pair
    UNIQUE (experiment_id, position)
) STRICT;
INSERT INTO trial VALUES(1,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',1,1,2249824620328494,'done','valid',NULL,'2026-01-01T00:00:00Z',0.0073712150000000004057,'',1);
INSERT INTO trial VALUES(2,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',2,2,854889608580759,'done','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself','2026-01-01T00:00:00Z',0.0078057140000000000551,'',1);
INSERT INTO trial VALUES(3,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',3,3,3115488861511270,'done','saturated','server 0 used 0.99 of a core, above 0.95','2026-01-01T00:00:00Z',0.0067640879999999996979,'',1);
INSERT INTO trial VALUES(4,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',4,4,827012080189950,'planned',NULL,NULL,NULL,NULL,'',1);
INSERT INTO trial VALUES(5,2,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',1,1,2249824620328494,'done','valid',NULL,NULL,NULL,'base',2);
INSERT INTO trial VALUES(6,2,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',1,2,2249824620328494,'done','valid',NULL,NULL,NULL,'candidate',2);
INSERT INTO trial VALUES(7,3,'sse','{"client_processes":1,"link.rtt_ms":50,"server_processes":1,"subscribers":2}',1,1,2249824620328494,'done','link_off','the round trip was 61 ms, not 50','2026-01-01T00:00:00Z',0.5,'',1);
INSERT INTO trial VALUES(8,3,'sse','{"client_processes":1,"link.rtt_ms":50,"server_processes":1,"subscribers":2}',1,2,2249824620328494,'done',NULL,NULL,NULL,NULL,'simulated',1);
CREATE TABLE calibration (
    id          INTEGER PRIMARY KEY,
    made_at     TEXT NOT NULL,
    figures     TEXT NOT NULL CHECK (json_valid(figures)),
    environment TEXT NOT NULL CHECK (json_valid(environment))
) STRICT;
INSERT INTO calibration VALUES(1,'2026-01-01T00:00:00Z','{"wake_ns":1000}','{"kernel":"Linux"}');
CREATE INDEX metric_by_name ON metric (name, trial_id);
CREATE INDEX trial_by_experiment ON trial (experiment_id, strategy);
CREATE VIEW outcome AS
SELECT id AS trial_id, experiment_id, strategy, parameters, repeat, verdict, reason,
       NOT EXISTS (SELECT 1 FROM doubt WHERE trial_id = trial.id AND metric_group NOT IN ('', 'tails')) AS believed
FROM trial
WHERE status IN ('done', 'failed') AND variant NOT IN ('base', 'simulated');
CREATE VIEW figure AS
WITH enough AS (
    SELECT m.*, coalesce(k.metric_group, 'work') AS metric_group,
           coalesce(k.quantile >= 0.99, 0) OR m.name LIKE '%\_max\_us' ESCAPE '\' AS tail,
           NOT (m.low IS NULL AND k.quantile IS NOT NULL) AND
           NOT (k.metric_group IS 'memory' AND coalesce((SELECT value FROM metric s WHERE
                s.trial_id = m.trial_id AND s.name = 'subscribers'), 1000) < 1000) AS enough
    FROM metric m LEFT JOIN metric_kind k USING (name)
)
SELECT *, enough AND NOT EXISTS (SELECT 1 FROM doubt d WHERE d.trial_id = e.trial_id
                                 AND (d.metric_group = e.metric_group OR d.metric_group = 'tails' AND e.tail)) AS believed
FROM enough e;
CREATE VIEW pair AS
SELECT c.experiment_id, c.strategy, c.parameters, c.variant, c.batch, c.repeat AS pair,
       b.id AS base_trial, c.id AS candidate_trial, b.status AS base_status, c.status AS candidate_status,
       min(b.position, c.position) AS position
FROM trial c JOIN trial b USING (experiment_id, strategy, parameters, batch, repeat)
WHERE b.variant = 'base' AND c.variant IN ('candidate', 'control')
  AND b.status IN ('done', 'failed') AND c.status IN ('done', 'failed');
CREATE VIEW twin AS
SELECT l.experiment_id, l.strategy, l.parameters, l.repeat, l.id AS live_trial, s.id AS simulated_trial
FROM trial l JOIN trial s USING (experiment_id, strategy, parameters, repeat)
WHERE l.variant = '' AND s.variant = 'simulated'
  AND l.status IN ('done', 'failed') AND s.status IN ('done', 'failed');
CREATE VIEW quantile AS
SELECT m.trial_id, substr(m.name, 1, length(m.name) - length('_p50_us') - (k.quantile > 0.99)) AS name,
       k.quantile AS q, m.value AS us, m.low, m.high
FROM metric m JOIN metric_kind k USING (name)
WHERE k.quantile IS NOT NULL;
CREATE VIEW cell AS
SELECT t.experiment_id, t.strategy, t.parameters,
       count(*) AS planned,
       count(o.trial_id) AS repeats,
       coalesce(sum(o.believed), 0) AS believed,
       coalesce(group_concat(DISTINCT iif(o.trial_id IS NULL, NULL,
                                          coalesce(o.verdict, 'failed'))), 'not run') AS verdict,
       min(t.position) AS position
FROM trial t LEFT JOIN outcome o ON o.trial_id = t.id
WHERE t.variant NOT IN ('base', 'simulated')
GROUP BY t.experiment_id, t.strategy, t.parameters;
CREATE VIEW summary AS
WITH measured AS (
    SELECT o.experiment_id, o.strategy, o.parameters, f.name, f.unit, f.value, f.low, f.high,
           f.believed
    FROM outcome o JOIN figure f ON f.trial_id = o.trial_id
), judged AS (
    SELECT *, max(believed) OVER (PARTITION BY experiment_id, strategy, parameters, name) AS chosen
    FROM measured
), ranked AS (
    SELECT *,
           row_number() OVER (PARTITION BY experiment_id, strategy, parameters, name
                              ORDER BY value) AS rank,
           count(*) OVER (PARTITION BY experiment_id, strategy, parameters, name) AS n
    FROM judged
    WHERE believed = chosen
), counted AS (
    SELECT *, (SELECT k FROM interval_rank WHERE from_n <= n
               ORDER BY from_n DESC LIMIT 1) AS k
    FROM ranked
)
SELECT c.experiment_id, c.strategy, c.parameters, c.name AS metric, min(c.unit) AS unit,
       cell.repeats AS repeats,
       sum(c.believed) AS believed,
       avg(CASE WHEN c.rank IN ((c.n + 1) / 2, c.n / 2 + 1) THEN c.value END) AS value,
       CASE WHEN c.n = 1 THEN min(c.low) ELSE min(CASE WHEN c.rank = c.k THEN c.value END) END AS low,
       CASE WHEN c.n = 1 THEN max(c.high)
            ELSE max(CASE WHEN c.rank = c.n + 1 - c.k THEN c.value END) END AS high,
       cell.verdict AS verdict
FROM counted c JOIN cell USING (experiment_id, strategy, parameters)
GROUP BY c.experiment_id, c.strategy, c.parameters, c.name;
CREATE VIEW prediction AS
WITH ranked AS (
    SELECT t.experiment_id, t.strategy, t.parameters, m.name, m.value,
           row_number() OVER (PARTITION BY t.experiment_id, t.strategy, t.parameters, m.name
                              ORDER BY m.value) AS rank,
           count(*) OVER (PARTITION BY t.experiment_id, t.strategy, t.parameters, m.name) AS n
    FROM trial t JOIN metric m ON m.trial_id = t.id
    WHERE t.variant = 'simulated' AND t.status IN ('done', 'failed')
), predicted AS (
    SELECT experiment_id, strategy, parameters, name AS metric, avg(value) AS value
    FROM ranked
    WHERE rank IN ((n + 1) / 2, n / 2 + 1)
    GROUP BY experiment_id, strategy, parameters, name
)
SELECT s.experiment_id, s.strategy, s.parameters, s.metric, s.unit, p.value AS predicted, s.value AS measured,
       s.low, s.high, s.believed, p.value / nullif(s.value, 0) - 1 AS off
FROM summary s JOIN predicted p USING (experiment_id, strategy, parameters, metric);
CREATE VIEW parameter AS
SELECT c.experiment_id, c.strategy, c.parameters, j.key AS name, j.value AS value
FROM (SELECT DISTINCT experiment_id, strategy, parameters FROM trial) c, json_each(c.parameters) j;
CREATE VIEW workload AS
WITH unit (rank, name, unit) AS (
    VALUES (1, 'subscribers', 'subscribers'), (2, 'events_per_second', 'events/s'),
           (3, 'payload_bytes', 'B')
), span AS (
    SELECT experiment_id, rank, unit, min(value) AS least, max(value) AS most
    FROM parameter JOIN unit USING (name) GROUP BY experiment_id, rank
    ORDER BY experiment_id, rank
), distance (rank, name, ahead, behind) AS (
    VALUES (1, 'path', '', ''), (2, 'link.rtt_ms', 'round trip ', ' ms'), (3, 'link.jitter_ms', 'jitter ', ' ms'),
           (4, 'link.loss_percent', 'loss ', ' %'), (5, 'link.burst_loss', 'bursts of loss ', ''),
           (6, 'link.reorder_percent', 'reordered ', ' %'), (7, 'link.down_mbit', 'down ', ' Mbit/s'),
           (8, 'link.up_mbit', 'up ', ' Mbit/s'), (9, 'link.mtu', 'packets of ', ' B')
), way AS (
    SELECT experiment_id, rank, ahead || iif(typeof(max(value)) = 'text', group_concat(DISTINCT value),
           iif(min(value) = max(value), min(value), min(value) || ' to ' || max(value))) || behind AS text
    FROM parameter JOIN distance USING (name) GROUP BY experiment_id, rank
    HAVING max(value) NOT IN (0, '', 'loopback') ORDER BY experiment_id, rank
)
SELECT experiment_id,
       group_concat(iif(least = most, least, least || ' to ' || most) || ' ' || unit, ' × ')
       || ', ' || coalesce((SELECT group_concat(text, ', ') FROM way
                            WHERE way.experiment_id = span.experiment_id), 'loopback') AS text
FROM span GROUP BY experiment_id;
CREATE VIEW varying AS
WITH ranked AS (
    SELECT experiment_id, strategy, name, value,
           row_number() OVER (PARTITION BY experiment_id, strategy, name ORDER BY value) AS rank,
           count(*) OVER (PARTITION BY experiment_id, strategy, name) AS n
    FROM (SELECT DISTINCT experiment_id, strategy, name, value FROM parameter)
)
SELECT experiment_id, strategy, name, n AS value_count, value AS held
FROM ranked
WHERE n > 1 AND rank = n / 2 + 1;
CREATE VIEW place AS
SELECT c.experiment_id, c.strategy, c.parameters, count(v.name) AS away_count, max(v.name) AS away
FROM cell c
LEFT JOIN parameter p USING (experiment_id, strategy, parameters)
LEFT JOIN varying v ON v.experiment_id = c.experiment_id AND v.strategy = c.strategy
                   AND v.name = p.name AND v.held IS NOT p.value
GROUP BY c.experiment_id, c.strategy, c.parameters;
CREATE VIEW baseline AS
SELECT s.*
FROM summary s JOIN place USING (experiment_id, strategy, parameters)
WHERE place.away_count = 0;
CREATE VIEW sweep AS
SELECT v.name AS over, p.value AS x, s.*
FROM varying v
JOIN place l ON l.experiment_id = v.experiment_id AND l.strategy = v.strategy
            AND (l.away_count = 0 OR (l.away_count = 1 AND l.away = v.name))
JOIN parameter p ON p.experiment_id = l.experiment_id AND p.strategy = l.strategy
                AND p.parameters = l.parameters AND p.name = v.name
JOIN summary s ON s.experiment_id = l.experiment_id AND s.strategy = l.strategy
              AND s.parameters = l.parameters;
PRAGMA user_version = 8;
COMMIT;
