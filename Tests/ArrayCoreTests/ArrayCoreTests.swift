import Testing

/// The suites below share process-wide state (the thread count), so they run one at a time.
@Suite(.serialized)
struct ArrayCoreTests {}
