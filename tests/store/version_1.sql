BEGIN TRANSACTION;
CREATE TABLE clients (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	folder TEXT NOT NULL, 
	name TEXT, 
	height_m DOUBLE, 
	notes TEXT, 
	CONSTRAINT uq_clients_folder UNIQUE (folder)
);
INSERT INTO "clients" VALUES(1,'Anna Müller','Anna',1.72,'old injury left');
CREATE TABLE clips (
	id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	settings_digest TEXT NOT NULL, 
	model_sha256 TEXT NOT NULL, 
	software_version TEXT NOT NULL, 
	source TEXT NOT NULL, 
	recorded_at TEXT, 
	place TEXT NOT NULL, 
	folder TEXT NOT NULL, 
	movement TEXT NOT NULL, 
	"view" TEXT NOT NULL, 
	quality TEXT NOT NULL, 
	facts JSON NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_clips PRIMARY KEY (id), 
	CONSTRAINT fk_clips_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE, 
	CONSTRAINT uq_clips_key UNIQUE (sha256, settings_digest, model_sha256, software_version)
);
INSERT INTO "clips" VALUES(1,1,'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb','settings','model','0.1.0','c001_2026-05-04_ca978112.mp4',NULL,'','c001/a_kneetrack','squat','front','medium','{"schema_version": 1, "software_version": "0.1.0", "source": {"path": "c001_2026-05-04_ca978112.mp4", "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "width_px": 360, "height_px": 640, "duration_s": 10.0, "frame_count": 300, "mean_fps": 30.0, "variable_frame_rate": false, "recorded_at": null, "pose_format": null, "marker_set": null}, "client": {"id": "c001", "height_m": 1.78}, "calibration": null, "model": {"name": "BlazePose", "variant": "full", "sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "runtime_version": "mediapipe 1.2.2"}, "view": {"name": "front", "yaw_deg": 2.0, "pitch_deg": 4.0, "roll_deg": -0.5, "yaw_band_deg": null, "pitch_band_deg": null, "roll_band_deg": null, "camera_height_m": null, "camera_distance_m": null, "mirrored": false, "usable": true, "reasons": []}, "movement": "squat", "attempts": [{"start_s": 0.1, "end_s": 0.7, "reason": "too shallow"}], "asymmetry_deg": 6.5, "asymmetry_band_deg": 2.0, "quality": {"level": "medium", "warnings": ["The picture is dark."]}, "disclaimer": "This report is an automated movement-coaching aid based on one camera.", "changed_settings": {"events": {"enter_deg": 4.5}}}','2026-11-26 05:00:00.000000');
CREATE TABLE events (
	clip_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	leg TEXT NOT NULL, 
	rep INTEGER NOT NULL, 
	phase TEXT NOT NULL, 
	phases JSON NOT NULL, 
	start_s DOUBLE NOT NULL, 
	end_s DOUBLE NOT NULL, 
	peak_s DOUBLE NOT NULL, 
	peak_deviation_deg DOUBLE NOT NULL, 
	band_deg DOUBLE NOT NULL, 
	mean_deviation_deg DOUBLE NOT NULL, 
	peak_offset_pct_shank DOUBLE NOT NULL, 
	grade TEXT NOT NULL, 
	static BOOLEAN NOT NULL, 
	confidence DOUBLE NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (clip_id, number), 
	CONSTRAINT fk_events_clip_id FOREIGN KEY(clip_id) REFERENCES clips (id) ON DELETE CASCADE
);
INSERT INTO "events" VALUES(1,1,'left',1,'bottom','[]',4.5,5.4,5.0,12.5,2.5,6.4,1.39173100960065436741e+01,'severe',0,0.82);
INSERT INTO "events" VALUES(1,2,'left',2,'bottom','[]',4.5,5.4,5.0,12.5,2.5,6.4,1.39173100960065436741e+01,'severe',0,0.82);
INSERT INTO "events" VALUES(1,3,'left',3,'bottom','[]',4.5,5.4,5.0,12.5,2.5,6.4,1.39173100960065436741e+01,'severe',0,0.82);
INSERT INTO "events" VALUES(1,4,'left',4,'bottom','[]',4.5,5.4,5.0,12.5,2.5,6.4,1.39173100960065436741e+01,'severe',0,0.82);
INSERT INTO "events" VALUES(1,5,'left',5,'bottom','[]',4.5,5.4,5.0,12.5,2.5,6.4,1.39173100960065436741e+01,'severe',0,0.82);
CREATE TABLE failures (
	id INTEGER NOT NULL, 
	file TEXT NOT NULL, 
	client_number INTEGER, 
	reason TEXT NOT NULL, 
	remedy TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	CONSTRAINT pk_failures PRIMARY KEY (id), 
	CONSTRAINT fk_failures_client_number FOREIGN KEY(client_number) REFERENCES clients (number) ON DELETE CASCADE, 
	CONSTRAINT uq_failures_file UNIQUE (file)
);
INSERT INTO "failures" VALUES(1,'c001/broken.mp4',1,'the file is empty','copy it again',1);
CREATE TABLE findings (
	clip_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	finding TEXT NOT NULL, 
	leg TEXT, 
	text TEXT NOT NULL, 
	evidence JSON NOT NULL, 
	CONSTRAINT pk_findings PRIMARY KEY (clip_id, number), 
	CONSTRAINT fk_findings_clip_id FOREIGN KEY(clip_id) REFERENCES clips (id) ON DELETE CASCADE
);
INSERT INTO "findings" VALUES(1,1,'medial_knee','left','The left knee moves inward.','{}');
CREATE TABLE kneetrack_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT kneetrack_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "kneetrack_version" VALUES('0001');
CREATE TABLE leg_results (
	clip_id INTEGER NOT NULL, 
	leg TEXT NOT NULL, 
	grade TEXT NOT NULL, 
	worst_grade TEXT NOT NULL, 
	reps_with_events INTEGER NOT NULL, 
	median_peak_deviation_deg DOUBLE, 
	band_deg DOUBLE, 
	borderline BOOLEAN NOT NULL, 
	standing_deviation_deg DOUBLE, 
	standing_hka_deg DOUBLE, 
	standing_hka_band_deg DOUBLE, 
	toe_out_deg DOUBLE, 
	toe_out_band_deg DOUBLE, 
	CONSTRAINT pk_leg_results PRIMARY KEY (clip_id, leg), 
	CONSTRAINT fk_leg_results_clip_id FOREIGN KEY(clip_id) REFERENCES clips (id) ON DELETE CASCADE
);
INSERT INTO "leg_results" VALUES(1,'left','severe','severe',2,12.5,3.0,1,4.5,1.0,NULL,NULL,NULL);
INSERT INTO "leg_results" VALUES(1,'right','none','none',1,3.0,3.0,0,4.5,1.0,NULL,NULL,NULL);
CREATE TABLE protocols (
	clip_id INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	summary TEXT NOT NULL, 
	"plan" BLOB NOT NULL, 
	CONSTRAINT pk_protocols PRIMARY KEY (clip_id), 
	CONSTRAINT fk_protocols_clip_id FOREIGN KEY(clip_id) REFERENCES clips (id) ON DELETE CASCADE
);
INSERT INTO "protocols" VALUES(1,'corrective','Eight weeks, three sessions a week.',X'789C6553C16EDB300CFD1541E73668B3E6B2DB30ACDB61C080ADB7A1301889B685C89226D14D83A2FF3E52B66303850F96A847F13DF2E94D17021A8BFEACB48939A321F782FA46690FA11BA14339C12091320E03E48B04BEB9AE2775463C951B457D4654054B7131140535BEAB190499181F46EF799B91B05063817F1CFDFB5C632DE60C7ED953F47659B72E33DC63B75E514BCAF9DB75A9EF6FF752AC8D66D2F11B3D424105C12A103D5CAFB2991936097323D90CFE248988F608E6D4941E3236C96C282F676B64B965221160A81DFA22050617C649DAFEB0BBE3C0D147B3D04D3D7312E896D2A48D7F2DC9165F311B57704E7176C637C6C32080A5DCD7799F3CB8B072EBE3794B942A95DAE424CBFB7DC578DB941566C70CC482B631C22145A9B3BF9D9B9B657082783848596E607156A8501E7115728CD4575D11EC66687D35CD538F4A94AA5360BF0CF1058B72E10CD956B39871D2AD7F20FAA22876483D6639FA9530B0CD9083A9666BB18781919649C83EE5D8E5693A5BCF7D8CE1BFD1A50103ADA623F0DB06B42E5817BAD5A5A39F2DFB5E3FE91B387FB93A955F00FBFAB26038D42D2ED7DF3358D6EBBC5531AB23126166E18ACEF1FA6A76FAF9FA406AD2A3F383828EC7ABA0950431AC7A9870055AA45A5CFF91969C7BEE4F122CBE1A766C5107155B757FB7853784AF1B67174E6CE0C853D8F8E7927880381B503F3DFE54035C948DEC6C9633DD16E2E6F97E6865CBBC9B3055AA01C3EAD82A19A767FDFE1F81376973');
CREATE TABLE rep_legs (
	clip_id INTEGER NOT NULL, 
	rep INTEGER NOT NULL, 
	leg TEXT NOT NULL, 
	peak_deviation_deg DOUBLE, 
	band_deg DOUBLE, 
	excursion_deg DOUBLE, 
	peak_offset_pct_shank DOUBLE, 
	peak_offset_mm DOUBLE, 
	toe TEXT, 
	ray_angle_deg DOUBLE, 
	peak_phase TEXT, 
	peak_s DOUBLE, 
	grade TEXT NOT NULL, 
	borderline BOOLEAN NOT NULL, 
	shallow BOOLEAN NOT NULL, 
	fppa_deg DOUBLE, 
	fppa_band_deg DOUBLE, 
	CONSTRAINT pk_rep_legs PRIMARY KEY (clip_id, rep, leg), 
	CONSTRAINT fk_rep_legs_clip_id_rep FOREIGN KEY(clip_id, rep) REFERENCES reps (clip_id, rep) ON DELETE CASCADE
);
INSERT INTO "rep_legs" VALUES(1,1,'left',12.5,3.0,-2.5,3.48994967025009694694e+00,NULL,'third',NULL,'bottom',2.0,'severe',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,1,'right',3.0,3.0,-3.5,1.74524064372835119307e+00,NULL,'third',NULL,'bottom',2.0,'none',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,2,'left',12.5,3.0,-2.5,3.48994967025009694694e+00,NULL,'third',NULL,'bottom',2.0,'severe',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,2,'right',3.0,3.0,-3.5,1.74524064372835119307e+00,NULL,'third',NULL,'bottom',2.0,'none',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,3,'left',12.5,3.0,-2.5,3.48994967025009694694e+00,NULL,'third',NULL,'bottom',2.0,'severe',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,3,'right',3.0,3.0,-3.5,1.74524064372835119307e+00,NULL,'third',NULL,'bottom',2.0,'none',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,4,'left',12.5,3.0,-2.5,3.48994967025009694694e+00,NULL,'third',NULL,'bottom',2.0,'severe',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,4,'right',3.0,3.0,-3.5,1.74524064372835119307e+00,NULL,'third',NULL,'bottom',2.0,'none',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,5,'left',12.5,3.0,-2.5,3.48994967025009694694e+00,NULL,'third',NULL,'bottom',2.0,'severe',0,0,NULL,NULL);
INSERT INTO "rep_legs" VALUES(1,5,'right',3.0,3.0,-3.5,1.74524064372835119307e+00,NULL,'third',NULL,'bottom',2.0,'none',0,0,NULL,NULL);
CREATE TABLE reps (
	clip_id INTEGER NOT NULL, 
	rep INTEGER NOT NULL, 
	start_s DOUBLE NOT NULL, 
	bottom_s DOUBLE NOT NULL, 
	end_s DOUBLE NOT NULL, 
	depth DOUBLE NOT NULL, 
	depth_band DOUBLE, 
	knee_flexion_deg DOUBLE, 
	knee_flexion_band_deg DOUBLE, 
	working_leg TEXT NOT NULL, 
	kasr DOUBLE, 
	kasr_expected DOUBLE, 
	kasr_band DOUBLE, 
	pelvic_drop_deg DOUBLE, 
	pelvic_drop_band_deg DOUBLE, 
	trunk_lean_deg DOUBLE, 
	trunk_lean_band_deg DOUBLE, 
	hip_shift_pct_hips DOUBLE, 
	hip_shift_band_pct_hips DOUBLE, 
	CONSTRAINT pk_reps PRIMARY KEY (clip_id, rep), 
	CONSTRAINT fk_reps_clip_id FOREIGN KEY(clip_id) REFERENCES clips (id) ON DELETE CASCADE
);
INSERT INTO "reps" VALUES(1,1,0.0,1.0,2.0,0.4,NULL,100.0,NULL,'both',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "reps" VALUES(1,2,3.0,4.0,5.0,0.4,NULL,100.0,NULL,'both',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "reps" VALUES(1,3,6.0,7.0,8.0,0.4,NULL,100.0,NULL,'both',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "reps" VALUES(1,4,9.0,10.0,11.0,0.4,NULL,100.0,NULL,'both',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "reps" VALUES(1,5,12.0,13.0,14.0,0.4,NULL,100.0,NULL,'both',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sessions (
	id INTEGER NOT NULL, 
	client_number INTEGER NOT NULL, 
	day DATE NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_client_number FOREIGN KEY(client_number) REFERENCES clients (number) ON DELETE CASCADE, 
	CONSTRAINT uq_sessions_client_number_day UNIQUE (client_number, day)
);
INSERT INTO "sessions" VALUES(1,1,'2026-05-04');
CREATE INDEX ix_failures_client_number ON failures (client_number);
CREATE INDEX ix_clips_session_id ON clips (session_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('clients',1);
COMMIT;
