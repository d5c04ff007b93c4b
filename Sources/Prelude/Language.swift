import Interpreter

/// Everything a program of the language can name: the standard library, tensors, modules, tasks, learners and results.
public enum InnerloopLanguage {
  /// The registry, made once.
  public static let registry: Registry = {
    let builder = RegistryBuilder(topics: topics)
    StandardLibrary.register(in: builder)
    registerErrors(in: builder)
    builder.topic(.tensors) { registerTensors(in: builder) }
    builder.topic(.gradients) { registerGradients(in: builder) }
    builder.topic(.modules) { registerModules(in: builder) }
    builder.topic(.optimizing) {
      registerSchedules(in: builder)
      registerOptimizers(in: builder)
    }
    builder.topic(.tasks) {
      registerTasks(in: builder)
      registerDatasets(in: builder)
      registerTableTasks(in: builder)
    }
    builder.topic(.learners) { registerLearners(in: builder) }
    builder.topic(.results) { registerResults(in: builder) }
    builder.topic(.inspection) {
      registerGraphs(in: builder)
      registerLandscapes(in: builder)
      registerComparisons(in: builder)
    }
    builder.topic(.widgets) { registerWidgets(in: builder) }
    builder.topic(.session) { registerSettings(in: builder) }
    registerHabits(in: builder)
    return builder.build()
  }()
}
