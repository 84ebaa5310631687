# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The keys of zoo.cfg that each ZooKeeper version knows. ZooKeeper itself takes a typo without a word."""

from __future__ import annotations

import difflib
import re

from ..findings import CRITICAL, Finding

# What the build of each version reads, from its own classes: the keys that it parses, and the properties that it makes
# of all others by putting "zookeeper." before them.
KEYS_3_8 = """
    4lw.commands.whitelist DigestAuthenticationProvider.digestAlg DigestAuthenticationProvider.enabled
    DigestAuthenticationProvider.superDigest SASLAuthenticationProvider.superPassword
    X509AuthenticationProvider.superUser admin.commandURL admin.enableServer admin.forceHttps admin.httpVersion
    admin.idleTimeout admin.portUnification admin.serverAddress admin.serverPort allowSaslFailedClients audit.enable
    audit.impl.class autopurge.purgeInterval autopurge.snapRetainCount client.portUnification clientPort
    clientPortAddress clientPortListenBacklog clientTcpKeepAlive closeSessionTxn.enabled cnxTimeout commitLogCount
    commitProcessor.maxCommitBatchSize commitProcessor.maxReadBatchSize commitProcessor.numWorkerThreads
    commitProcessor.shutdownTimeout connectToLearnerMasterLimit connection_throttle_decrease_ratio
    connection_throttle_drop_decrease connection_throttle_drop_increase connection_throttle_fill_count
    connection_throttle_fill_time connection_throttle_freeze_time connection_throttle_global_session_weight
    connection_throttle_local_session_weight connection_throttle_renew_session_weight connection_throttle_tokens
    connection_throttle_weight_enabled dataDir dataLogDir datadir.autocreate db.autocreate digest.enabled
    dynamicConfigFile electionAlg electionPortBindRetry emulate353TTLNodes enableEagerACLCheck enforce.auth.enabled
    enforce.auth.schemes enforceQuota ensembleAuthName extendedTypesEnabled fastleader.maxNotificationInterval
    fastleader.minNotificationInterval flushDelay follower.skipLearnerRequestToNextProcessor forceSnapshotSync
    forceSync forward_learner_requests_to_commit_processor_disabled fsync.warningthresholdms globalOutstandingLimit
    initLimit intBufferStartingSizeBytes jvm.pause.info-threshold.ms jvm.pause.monitor jvm.pause.sleep.time.ms
    jvm.pause.warn-threshold.ms kerberos.canonicalizeHostNames kerberos.removeHostFromPrincipal
    kerberos.removeRealmFromPrincipal largeRequestMaxBytes largeRequestThreshold leader.ackLoggingFrequency
    leader.closeSocketAsync leader.maxConcurrentDiffSyncs leader.maxConcurrentSnapSyncs leader.maxTimeToWaitForEpoch
    leaderConnectDelayDuringRetryMs leaderServes learner.asyncSending learner.closeSocketAsync letAnySaslUserDoX
    localSessionsEnabled localSessionsUpgradingEnabled maxBatchSize maxClientCnxns maxCnxns
    maxGetChildrenResponseCacheSize maxInProcessingDeadWatchers maxResponseCacheSize maxSessionTimeout
    maxWriteQueuePollTime messageTracker.BufferSize messageTracker.Enabled metricsProvider.className
    minSessionTimeout multiAddress.enabled multiAddress.reachabilityCheckEnabled
    multiAddress.reachabilityCheckTimeoutMs netty.advancedFlowControl.enabled
    netty.server.earlyDropSecureConnectionHandshakes netty.server.outstandingHandshake.limit nio.directBufferBytes
    nio.numSelectorThreads nio.numWorkerThreads nio.sessionlessCnxnTimeout nio.shutdownTimeout
    observer.election.DelayMs observer.reconnectDelayMs observer.syncEnabled observerMaster.sizeLimit
    observerMasterPort oraclePath pathStats.delay pathStats.enabled pathStats.initialDelay pathStats.maxDepth
    pathStats.sampleRate pathStats.slotCapacity pathStats.slotDuration pathStats.topPathMax peerType portUnification
    preAllocSize quorum.auth.enableSasl quorum.auth.kerberos.servicePrincipal quorum.auth.learner.saslLoginContext
    quorum.auth.learnerRequireSasl quorum.auth.server.saslLoginContext quorum.auth.serverRequireSasl
    quorum.cnxn.threads.size quorumCnxnTimeoutMs quorumListenOnAllIPs reconfigEnabled request_stale_connection_check
    request_stale_latency_check request_throttle_drop_stale request_throttle_max_requests
    request_throttle_stall_time request_throttler.shutdownTimeout sasl.serverconfig secureClientPort
    secureClientPortAddress security.auth_to_local serverCnxnFactory sessionRequireClientSASLAuth skipACL snapCount
    snapSizeLimitInKb snapshot.compression.method snapshot.trust.empty snapshotSizeFactor sslQuorum
    sslQuorumReloadCertFiles standaloneEnabled superUser syncEnabled syncLimit tcpKeepAlive throttled_op_wait_time
    tickTime txnLogSizeLimitInKb watchManagerName watcherCleanIntervalInSeconds watcherCleanThreadsNum
    watcherCleanThreshold
"""
KEYS_3_9 = """
    IPAuthenticationProvider.usexforwardedfor admin.needClientAuth admin.rateLimiterIntervalInMS
    admin.restore.enabled admin.snapshot.enabled client.certReload fips-mode kerberos.minReLoginTimeMs
    serializeLastProcessedZxid.enabled
"""
KEYS_TLS = """
    authProvider ciphersuites clientAuth context.supplier.class crl enabledProtocols handshakeDetectionTimeoutMillis
    hostnameVerification keyStore.location keyStore.password keyStore.passwordPath keyStore.type ocsp protocol
    trustStore.location trustStore.password trustStore.passwordPath trustStore.type
"""
SINCE_3_8 = frozenset(KEYS_3_8.split())
SINCE_3_9 = frozenset(KEYS_3_9.split())
# Families of keys that end in a name or a number of one's own.
FAMILIES = (r"authProvider\.\w+", r"group\.\d+", r"metricsProvider\.\w+", r"server\.\d+", r"weight\.\d+")
# Keys that the role writes, and the input that each comes from; empty where there is none to change.
OWNED = {
    "4lw.commands.whitelist": "",
    "admin.enableServer": "",
    "autopurge.purgeInterval": "zookeeper_autopurge_purge_interval",
    "autopurge.snapRetainCount": "zookeeper_autopurge_snap_retain_count",
    "clientPort": "zookeeper_client_port",
    "dataDir": "zookeeper_data_dir",
    "dataLogDir": "zookeeper_data_log_dir",
    "initLimit": "zookeeper_init_limit",
    "maxClientCnxns": "zookeeper_max_client_cnxns",
    "maxSessionTimeout": "zookeeper_max_session_timeout",
    "preAllocSize": "zookeeper_pre_alloc_size",
    "snapCount": "zookeeper_snap_count",
    "standaloneEnabled": "",
    "syncLimit": "zookeeper_sync_limit",
    "tickTime": "zookeeper_tick_time",
}
# System properties that are no keys: zoo.cfg would turn them into properties that nothing reads.
FLAGS = {"jute.maxbuffer": "zookeeper_jute_maxbuffer", "db.autocreate": ""}
# Values that lose data, open the ensemble, or make one member a single point of failure.
DANGERS = (
    (r"skipACL", r"yes|true", "anybody may read and change every znode"),
    (r"forceSync", r"no|false", "a write is acknowledged before it is on a disk"),
    (r"snapshot\.trust\.empty", r"true", "a member that lost its snapshots starts as if it never had any"),
    (r"admin\.serverAddress", r"(?!127\.|localhost$|::1$).*", "the AdminServer answers everybody"),
    (r"clientPortAddress|secureClientPortAddress", r"0\.0\.0\.0|::", "clients are served on every interface"),
    (r"quorumListenOnAllIPs", r"true", "the quorum's ports are open on every interface"),
    (r"weight\.\d+", r"(?!1$).*", "a member whose vote weighs more is a single point of failure"),
    (r"leaderServes", r"no|false", "clients of a member lose it when it becomes the leader"),
)


def known_keys(version: str) -> frozenset[str]:
    """Keys of a version such as 3.8.0. TLS keys come for clients and, with quorum before them, for members."""
    keys = SINCE_3_8 | {f"{prefix}.{key}" for prefix in ("ssl", "ssl.quorum") for key in KEYS_TLS.split()}
    newer = tuple(int(part) for part in version.split(".")[:2]) >= (3, 9)
    return keys | SINCE_3_9 if newer else keys


def judge_settings(settings: dict[str, object], version: str, acknowledged: list[str]) -> list[Finding]:
    """Refusals of keys that are unknown, of a newer version, the role's own, or dangerous and not acknowledged.

    settings: zookeeper_extra_config. acknowledged: zookeeper_acknowledge, keys whose danger is accepted.
    """
    return [
        finding
        for key, value in settings.items()
        for finding in [_refusal(str(key), value, version, acknowledged)]
        if finding
    ]


def zoo_cfg_value(value: object) -> str:
    """A value as zoo.cfg has it: true and false in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(key: str, value: object, version: str, acknowledged: list[str]) -> Finding | None:
    def refuse(found: str, expected: str, hint: str = "") -> Finding:
        return Finding("zookeeper_extra_config", CRITICAL, key, found, expected, hint)

    for place, what in ((OWNED, "a key that the role writes"), (FLAGS, "a flag of Java, which zoo.cfg cannot set")):
        if key in place:
            return refuse(what, f"the input {place[key]}" if place[key] else "nothing; it is not to be changed")
    if re.fullmatch(r"server\.\d+|group\.\d+", key):
        return refuse("membership", "the inventory to say who is a member")
    known = known_keys(version)
    if key not in known and not any(re.fullmatch(family, key) for family in FAMILIES):
        if key in SINCE_3_9:
            return refuse(f"a key of 3.9, on {version}", "a key that this version knows")
        nearest = difflib.get_close_matches(key, [*known, *OWNED], n=1, cutoff=0.0)[0]
        return refuse(f"a key that ZooKeeper {version} does not know", "a key that it knows", f"Is {nearest} meant?")
    text = zoo_cfg_value(value)
    if isinstance(value, (dict, list)) or value is None or "\n" in text or "\r" in text:
        return refuse(f"{value!r}", "one line of text, a number or a boolean")
    for pattern, values, why in DANGERS:
        if re.fullmatch(pattern, key) and re.fullmatch(values, text, re.IGNORECASE) and key not in acknowledged:
            return refuse(f"{text}: {why}", "a safe value", f"zookeeper_acknowledge: [{key}] accepts it.")
    return None
