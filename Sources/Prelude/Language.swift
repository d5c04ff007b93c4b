import Interpreter

/// Everything a program of the language can name: the standard library, tensors, modules, tasks, learners and results.
public enum InnerloopLanguage {
  /// The registry, made once.
  public static let registry: Registry = {
    let builder = RegistryBuilder()
    StandardLibrary.register(in: builder)
    registerErrors(in: builder)
    registerTensors(in: builder)
    registerGradients(in: builder)
    registerModules(in: builder)
    registerSchedules(in: builder)
    registerOptimizers(in: builder)
    registerTasks(in: builder)
    registerDatasets(in: builder)
    registerTableTasks(in: builder)
    registerLearners(in: builder)
    registerResults(in: builder)
    registerWidgets(in: builder)
    registerSettings(in: builder)
    registerHabits(in: builder)
    return builder.build()
  }()
}
