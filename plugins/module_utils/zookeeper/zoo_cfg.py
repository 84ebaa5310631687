# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The keys of zoo.cfg that each ZooKeeper version knows. ZooKeeper itself silently accepts unknown keys."""

from __future__ import annotations

import difflib
import re

from ..findings import Finding, validation_error

# What each version reads, from its own classes: the keys that it parses, and the system properties that it makes of all
# other keys by prefixing them with "zookeeper.".
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
# Families of keys that end in a name or a number of your choice.
FAMILIES = (r"authProvider\.\w+", r"group\.\d+", r"metricsProvider\.\w+", r"server\.\d+", r"weight\.\d+")
# Keys that the role writes, and the variable that sets each; empty where none does.
ROLE_KEYS = {
    "4lw.commands.whitelist": "zookeeper_extra_words",
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
# Java system properties: as keys of zoo.cfg they would become properties that nothing reads.
SYSTEM_PROPERTIES = {"jute.maxbuffer": "zookeeper_jute_maxbuffer", "db.autocreate": ""}
# Values that lose data, open the ensemble, or make one member a single point of failure.
UNSAFE = (
    (r"skipACL", r"yes|true", "anyone may read and change every znode"),
    (r"forceSync", r"no|false", "writes are acknowledged before they are on disk"),
    (r"snapshot\.trust\.empty", r"true", "a member that lost its snapshots starts with an empty tree"),
    (r"admin\.serverAddress", r"(?!127\.|localhost$|::1$).*", "the AdminServer answers anyone"),
    (
        r"clientPortAddress|secureClientPortAddress",
        r"0\.0\.0\.0|::",
        "the client port is open on every interface",
    ),
    (r"quorumListenOnAllIPs", r"true", "the quorum ports are open on every interface"),
    (r"weight\.\d+", r"(?!1$).*", "a member with more weight is a single point of failure"),
    (r"leaderServes", r"no|false", "a member disconnects its clients when it becomes the leader"),
)


def known_keys(version: str) -> frozenset[str]:
    """Keys of a version such as 3.8.0. TLS keys exist for clients and, with the prefix ssl.quorum, for members."""
    keys = SINCE_3_8 | {f"{prefix}.{key}" for prefix in ("ssl", "ssl.quorum") for key in KEYS_TLS.split()}
    newer = tuple(int(part) for part in version.split(".")[:2]) >= (3, 9)
    return keys | SINCE_3_9 if newer else keys


def validate_zoo_cfg(settings: dict[str, object], version: str, host: str, allow_unsafe: list[str]) -> list[Finding]:
    """Validation errors for keys that are unknown, too new, set by the role, or unsafe.

    settings: zookeeper_extra_config. version: of ZooKeeper, such as 3.8.0. host: name for the messages.
    allow_unsafe: zookeeper_allow_unsafe_settings, keys whose unsafe value is accepted.
    """
    problems = [_problem(str(key), value, version, allow_unsafe) for key, value in settings.items()]
    return [validation_error("zookeeper_extra_config", host, problem) for problem in problems if problem]


def zoo_cfg_value(value: object) -> str:
    """A value as zoo.cfg has it: true and false in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(key: str, value: object, version: str, allow_unsafe: list[str]) -> str:
    """What is wrong with one setting; empty when nothing is."""
    if key in ROLE_KEYS:
        variable = ROLE_KEYS[key]
        return f"the role sets {key}; " + (f"use the variable {variable}" if variable else "it cannot be changed")
    if key in SYSTEM_PROPERTIES:
        variable = SYSTEM_PROPERTIES[key]
        advice = f"use the variable {variable}" if variable else "it cannot be changed"
        return f"{key} is a Java system property, which zoo.cfg cannot set; {advice}"
    if re.fullmatch(r"server\.\d+|group\.\d+", key):
        return f"{key} defines membership, which comes from the inventory"
    known = known_keys(version)
    if key not in known and not any(re.fullmatch(family, key) for family in FAMILIES):
        if key in SINCE_3_9:
            return f"{key} needs ZooKeeper 3.9 or later; this is {version}"
        nearest = difflib.get_close_matches(key, [*known, *ROLE_KEYS], n=1, cutoff=0.0)[0]
        return f"unknown key {key} for ZooKeeper {version}; did you mean {nearest}?"
    text = zoo_cfg_value(value)
    if isinstance(value, (dict, list)) or value is None or "\n" in text or "\r" in text:
        return f"{key}: found {value!r}, expected one line of text, a number or a boolean"
    for pattern, values, risk in UNSAFE:
        if re.fullmatch(pattern, key) and re.fullmatch(values, text, re.IGNORECASE) and key not in allow_unsafe:
            return f"{key}={text} is unsafe: {risk}. To accept it, add {key} to zookeeper_allow_unsafe_settings"
    return ""
