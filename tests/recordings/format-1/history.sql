PRAGMA application_id=1448309874;
PRAGMA user_version=3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE toolchains (
       id           INTEGER PRIMARY KEY,
       vera         TEXT NOT NULL,
       spec         TEXT NOT NULL,
       fingerprint  TEXT NOT NULL,
       dependencies TEXT NOT NULL,
       UNIQUE (vera, spec, fingerprint, dependencies)
     ) STRICT;
INSERT INTO toolchains VALUES(1,'0.2.0','0.2.0','ea94d19ba7c952e05a0e1a5115547dd1cdf146b902167a07561004c794b3223f','["lark==1.3.1","veralang==0.2.0","wasmtime==50.0.1","z3_solver==5.4.1.0"]');
CREATE TABLE machines (
       id           INTEGER PRIMARY KEY,
       os           TEXT NOT NULL,
       architecture TEXT NOT NULL,
       cores        INTEGER NOT NULL,
       memory       INTEGER NOT NULL,
       UNIQUE (os, architecture, cores, memory)
     ) STRICT;
INSERT INTO machines VALUES(1,'linux','x86_64',2,25276502016);
CREATE TABLE runs (
       id          INTEGER PRIMARY KEY AUTOINCREMENT,
       started     TEXT NOT NULL,
       vera_stress TEXT NOT NULL,
       toolchain   INTEGER NOT NULL REFERENCES toolchains (id),
       machine     INTEGER NOT NULL REFERENCES machines (id),
       profile     TEXT NOT NULL,
       seed        TEXT NOT NULL,
       partition   TEXT,
       catalogues  TEXT NOT NULL,
       jobs        INTEGER NOT NULL,
       planned     INTEGER NOT NULL,
       finished    TEXT,
       seconds     REAL,
       interrupted INTEGER,
       passed      INTEGER,
       known       INTEGER,
       failed      INTEGER,
       fixed       INTEGER,
       unsupported INTEGER,
       not_run     INTEGER
     , kind TEXT NOT NULL DEFAULT 'run', against INTEGER, drifted INTEGER, compared INTEGER, down INTEGER) STRICT;
INSERT INTO runs VALUES(1,'2026-11-29T21:48:28.292883023Z','0.1.0',1,1,'default','7',NULL,'[]',2,1,'2026-11-29T21:48:28.815633618Z',0.52274894299999996594,0,1,0,0,0,0,0,'run',NULL,NULL,NULL,NULL);
INSERT INTO runs VALUES(2,'2026-11-29T21:48:30.037387642Z','0.1.0',1,1,'climb','7',NULL,'[]',2,1,'2026-11-29T21:48:35.574614325Z',5.5372257869999996771,0,1,0,0,0,0,0,'climb',NULL,NULL,NULL,NULL);
CREATE TABLE cases (
       id       INTEGER PRIMARY KEY,
       scenario TEXT NOT NULL,
       axis     TEXT NOT NULL,
       lane     TEXT NOT NULL,
       n        INTEGER NOT NULL,
       UNIQUE (scenario, axis, lane, n)
     ) STRICT;
INSERT INTO cases VALUES(1,'life','churn','native',100);
CREATE TABLE outcomes (
       id           INTEGER PRIMARY KEY,
       run          INTEGER NOT NULL REFERENCES runs (id),
       case_id      INTEGER NOT NULL REFERENCES cases (id),
       verdict      TEXT NOT NULL,
       message      TEXT NOT NULL,
       returned     INTEGER NOT NULL,
       seed         TEXT,
       work         INTEGER,
       heap         INTEGER,
       peak_memory  INTEGER,
       collections  INTEGER,
       allocations  INTEGER,
       run_cpu      REAL,
       run_wall     REAL,
       compile_cpu  REAL,
       compile_wall REAL,
       smallest     INTEGER,
       folder       TEXT,
       record       TEXT NOT NULL,
       UNIQUE (run, case_id)
     ) STRICT;
INSERT INTO outcomes VALUES(1,1,1,'pass','',1,'7',47080347,116744,262144,3,4327,0.0035868039999999998604,0.17442939599999998656,NULL,NULL,NULL,NULL,'{"scenario":"life","axis":"churn","lane":"native","n":100,"seed":7,"verdict":"pass","message":"","smallest":null,"guards":[{"issue":593,"class":"unbalanced push and pop of roots around closures","history":"May 2026: a closure that returned a String without allocating pushed no root, array_map popped one anyway, and Life on 12x30 printed corrupt text from generation 1 on; fixed in 0.0.138."},{"issue":515,"class":"collector walks past the end of the heap","history":"April 2026: Life on 40x20 for 200 generations faulted inside the collector itself; fixed in 0.0.122 by bounding the scan."},{"issue":464,"class":"shadow-stack overflow into the worklist","history":"April 2026: recursion over a 30x15 grid overflowed the 4 KiB shadow stack into the collector''s worklist and cells changed silently; since then the stack is 16 KiB and pushes are checked."}],"again":"vera-stress run life --lane native --scale 100 --vera 0.2.0","folder":null,"ending":{"how":"returned","value":{"int":840238},"exit_code":null},"budget":{"wall":10.0,"memory":268435456,"output":67108864,"work":100000000000},"run":{"wall":0.174429396,"cpu":0.003586804,"peak_memory":262144},"compile":null,"peak_heap":200808,"output":420,"measures":{"fuel":47080347,"peak_memory":262144,"collections":3,"forced":0,"allocations":4327,"allocated":114615,"heap":116744,"shadow_stack":1256,"shadow_room":16384,"host_calls":{"print":1}},"grown":[{"n":25,"measures":{"fuel":11194590,"peak_memory":131072,"collections":1,"forced":0,"allocations":1177,"allocated":35415,"heap":42664,"shadow_stack":356,"shadow_room":16384,"host_calls":{"print":1}},"probed":null,"compile":null,"run":{"wall":0.005008817,"cpu":0.000975508,"peak_memory":131072}},{"n":50,"measures":{"fuel":22869270,"peak_memory":196608,"collections":2,"forced":0,"allocations":2227,"allocated":61815,"heap":53920,"shadow_stack":656,"shadow_room":16384,"host_calls":{"print":1}},"probed":null,"compile":null,"run":{"wall":0.011845609,"cpu":0.001586657,"peak_memory":196608}},{"n":100,"measures":{"fuel":47080347,"peak_memory":262144,"collections":3,"forced":0,"allocations":4327,"allocated":114615,"heap":116744,"shadow_stack":1256,"shadow_room":16384,"host_calls":{"print":1}},"probed":null,"compile":null,"run":{"wall":0.174429396,"cpu":0.003586804,"peak_memory":262144}}]}');
CREATE TABLE climbs (
       id       INTEGER PRIMARY KEY,
       run      INTEGER NOT NULL REFERENCES runs (id),
       scenario TEXT NOT NULL,
       axis     TEXT NOT NULL,
       lane     TEXT NOT NULL,
       verdict  TEXT NOT NULL,
       message  TEXT NOT NULL,
       ceiling  INTEGER,
       exact    INTEGER NOT NULL,
       work     REAL,
       heap     REAL,
       record   TEXT NOT NULL,
       UNIQUE (run, scenario, axis, lane)
     ) STRICT;
INSERT INTO climbs VALUES(1,2,'life','churn','native','pass','',64,0,0.99026138076675240817,NULL,'{"scenario":"life","axis":"churn","lane":"native","verdict":"pass","message":"","ceiling":64,"end":{"by":"largest","at":null,"exact":false,"repeats":true,"text":"the largest n to try"},"growth":[{"cost":"work","fit":{"exponent":0.9902613807667524,"low":0.951992347850338,"high":1.0483280487669597,"points":5,"from":4.0,"to":64.0,"shapes":[1.0]},"declared":1.0,"overflow":null},{"cost":"heap","fit":null,"declared":1.0,"overflow":null,"unnamed":"too small to be judged"},{"cost":"allocated","fit":{"exponent":0.6399527527700708,"low":0.3995072702719299,"high":0.839478825758814,"points":5,"from":4.0,"to":64.0,"shapes":[0.5]},"declared":null,"overflow":null},{"cost":"collections","fit":{"exponent":0.2916666666666667,"low":0.0,"high":1.0,"points":5,"from":4.0,"to":64.0,"shapes":[]},"declared":null,"overflow":null},{"cost":"live","fit":null,"declared":null,"overflow":null,"unnamed":"too few points to name an exponent"},{"cost":"roots","fit":{"exponent":0.7566156511505344,"low":0.5474877953024933,"high":0.9051408136585589,"points":5,"from":4.0,"to":64.0,"shapes":[]},"declared":1.0,"overflow":{"exponent":1.0,"used":824,"room":16384,"each":12.0,"at":1360.6666666666667,"seen":64,"since":8}},{"cost":"handles","fit":null,"declared":0.0,"overflow":null,"unnamed":"too few points to name an exponent"},{"cost":"stack","fit":null,"declared":1.0,"overflow":{"exponent":1.0,"used":3904,"room":524288,"each":102.875,"at":5090.410692588092,"seen":32,"since":32},"unnamed":"too few points to name an exponent"}],"excesses":[],"points":[{"n":1,"measures":{"fuel":566886,"peak_memory":131072,"collections":1,"forced":0,"allocations":169,"allocated":10071,"heap":11176,"shadow_stack":68,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":512,"exact_stack":null,"stack_room":524288,"live":0,"used":11176,"wrap_table":0,"wrap_room":null},"compile":{"wall":1.391271522,"cpu":0.102183,"peak_memory":36864000},"run":{"wall":0.482753395,"cpu":0.000265497,"peak_memory":131072}},{"n":2,"measures":{"fuel":1009707,"peak_memory":131072,"collections":1,"forced":0,"allocations":211,"allocated":11127,"heap":12488,"shadow_stack":80,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":608,"exact_stack":null,"stack_room":524288,"live":0,"used":12488,"wrap_table":0,"wrap_room":null},"compile":null,"run":{"wall":0.000820173,"cpu":0.000224296,"peak_memory":131072}},{"n":4,"measures":{"fuel":1895349,"peak_memory":131072,"collections":1,"forced":0,"allocations":295,"allocated":13239,"heap":15112,"shadow_stack":104,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":800,"exact_stack":1088,"stack_room":524288,"live":0,"used":15112,"wrap_table":0,"wrap_room":null},"compile":null,"run":{"wall":0.000644272,"cpu":0.000229964,"peak_memory":131072}},{"n":8,"measures":{"fuel":3666633,"peak_memory":131072,"collections":1,"forced":0,"allocations":463,"allocated":17463,"heap":20360,"shadow_stack":152,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":1184,"exact_stack":1501,"stack_room":524288,"live":0,"used":20360,"wrap_table":0,"wrap_room":null},"compile":null,"run":{"wall":0.000609522,"cpu":0.000371302,"peak_memory":131072}},{"n":16,"measures":{"fuel":7209201,"peak_memory":131072,"collections":1,"forced":0,"allocations":799,"allocated":25911,"heap":30856,"shadow_stack":248,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":1952,"exact_stack":2258,"stack_room":524288,"live":0,"used":30856,"wrap_table":0,"wrap_room":null},"compile":null,"run":{"wall":0.000966044,"cpu":0.000655877,"peak_memory":131072}},{"n":32,"measures":{"fuel":14909577,"peak_memory":196608,"collections":2,"forced":0,"allocations":1471,"allocated":42807,"heap":47704,"shadow_stack":440,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":3568,"exact_stack":3904,"stack_room":524288,"live":21584,"used":46856,"wrap_table":0,"wrap_room":null},"compile":null,"run":{"wall":0.002009463,"cpu":0.001142443,"peak_memory":196608}},{"n":64,"measures":{"fuel":29383806,"peak_memory":196608,"collections":2,"forced":0,"allocations":2815,"allocated":76599,"heap":71952,"shadow_stack":824,"shadow_room":16384,"host_calls":{"print":1}},"probed":{"stack":6560,"exact_stack":null,"stack_room":524288,"live":21656,"used":71936,"wrap_table":0,"wrap_room":null},"compile":null,"run":{"wall":0.089486745,"cpu":0.002376889,"peak_memory":196608}}],"guards":[{"issue":593,"class":"unbalanced push and pop of roots around closures","history":"May 2026: a closure that returned a String without allocating pushed no root, array_map popped one anyway, and Life on 12x30 printed corrupt text from generation 1 on; fixed in 0.0.138."},{"issue":515,"class":"collector walks past the end of the heap","history":"April 2026: Life on 40x20 for 200 generations faulted inside the collector itself; fixed in 0.0.122 by bounding the scan."},{"issue":464,"class":"shadow-stack overflow into the worklist","history":"April 2026: recursion over a 30x15 grid overflowed the 4 KiB shadow stack into the collector''s worklist and cells changed silently; since then the stack is 16 KiB and pushes are checked."}],"again":"vera-stress climb life --to 64 --seed 7 --vera 0.2.0","probes":7,"seconds":5.516517213}');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',2);
CREATE INDEX outcomes_of_a_case ON outcomes (case_id, run);
CREATE INDEX climbs_of_a_scenario ON climbs (scenario, run);
COMMIT;
