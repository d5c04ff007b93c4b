import CKernels

/// The C loops of convolutions, for float32 and float64.
enum Transforms {
  typealias Address = UnsafeMutableRawPointer

  /// The product of two matrices in the caches.
  static func multiply(_ dtype: DType, _ out: Address, _ a: Address, _ b: Address, _ panel: il_panel) {
    withUnsafePointer(to: panel) { panel in
      if dtype == .float32 {
        il_panel_f32(out.floats, a.floats, b.floats, panel)
      } else {
        il_panel_f64(out.doubles, a.doubles, b.doubles, panel)
      }
    }
  }

  /// `v = Bᵀ x B` for the tiles `from` to `to`.
  static func input(_ dtype: DType, _ v: Address, _ x: Address, _ view: il_winograd, _ from: Int, _ to: Int) {
    withUnsafePointer(to: view) { view in
      if dtype == .float32 {
        il_winograd_input_f32(v.floats, x.floats, view, from, to)
      } else {
        il_winograd_input_f64(v.doubles, x.doubles, view, from, to)
      }
    }
  }

  /// `y = Aᵀ v A` for the tiles `from` to `to`.
  static func output(_ dtype: DType, _ y: Address, _ v: Address, _ view: il_winograd, _ from: Int, _ to: Int)
  {
    withUnsafePointer(to: view) { view in
      if dtype == .float32 {
        il_winograd_output_f32(y.floats, v.floats, view, from, to)
      } else {
        il_winograd_output_f64(y.doubles, v.doubles, view, from, to)
      }
    }
  }

  /// `v = A g Aᵀ` for the tiles `from` to `to`.
  static func gradient(
    _ dtype: DType, _ v: Address, _ g: Address, _ view: il_winograd, _ from: Int, _ to: Int
  ) {
    withUnsafePointer(to: view) { view in
      if dtype == .float32 {
        il_winograd_gradient_f32(v.floats, g.floats, view, from, to)
      } else {
        il_winograd_gradient_f64(v.doubles, g.doubles, view, from, to)
      }
    }
  }

  /// `u = G k Gᵀ` for the channels `from` to `to`.
  static func kernel(
    _ dtype: DType, _ u: Address, _ k: Address, _ view: il_winograd_kernel, _ from: Int, _ to: Int
  ) {
    withUnsafePointer(to: view) { view in
      if dtype == .float32 {
        il_winograd_kernel_f32(u.floats, k.floats, view, from, to)
      } else {
        il_winograd_kernel_f64(u.doubles, k.doubles, view, from, to)
      }
    }
  }

  /// `k = Gᵀ (Σ u) G` for the channels `from` to `to`.
  static func kernelGradient(
    _ dtype: DType, _ k: Address, _ u: Address, _ view: il_winograd_kernel, _ sections: Int, _ from: Int,
    _ to: Int
  ) {
    withUnsafePointer(to: view) { view in
      if dtype == .float32 {
        il_winograd_kernel_gradient_f32(k.floats, u.floats, view, sections, from, to)
      } else {
        il_winograd_kernel_gradient_f64(k.doubles, u.doubles, view, sections, from, to)
      }
    }
  }
}
