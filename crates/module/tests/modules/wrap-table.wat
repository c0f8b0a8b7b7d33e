(module
  (type $closure_sig_0 (;0;) (func (param i32 i32 i64) (result i32)))
  (type $closure_sig_1 (;1;) (func (param i32 i64 i64) (result i64)))
  (type (;2;) (func (param i32 i64) (result i32)))
  (type (;3;) (func (param i32 i64 i64) (result i32)))
  (type (;4;) (func (param i32) (result i32 i32)))
  (type (;5;) (func (result i32)))
  (type (;6;) (func (param i32 i32)))
  (type (;7;) (func (param i32 i32 i32)))
  (type (;8;) (func))
  (type (;9;) (func (param i32) (result i32)))
  (type (;10;) (func (param i32 i64) (result i64)))
  (type (;11;) (func (param i64) (result i64)))
  (type (;12;) (func (result i32 i32)))
  (import "vera" "map_get$ki_vi" (func $vera.map_get$ki_vi (;0;) (type 2)))
  (import "vera" "map_insert$ki_vi" (func $vera.map_insert$ki_vi (;1;) (type 3)))
  (import "vera" "map_keys$ki" (func $vera.map_keys$ki (;2;) (type 4)))
  (import "vera" "map_new" (func $vera.map_new (;3;) (type 5)))
  (import "vera" "map_remove$ki" (func $vera.map_remove$ki (;4;) (type 2)))
  (import "vera" "host_decref_handle" (func $vera.host_decref_handle (;5;) (type 6)))
  (import "vera" "attach_bucket_to_wrapper" (func $vera.attach_bucket_to_wrapper (;6;) (type 7)))
  (import "vera" "overflow_trap" (func $vera.overflow_trap (;7;) (type 8)))
  (table (;0;) 2 funcref)
  (memory (;0;) 1)
  (global $heap_ptr (;0;) (mut i32) i32.const 147456)
  (global $gc_sp (;1;) (mut i32) i32.const 0)
  (global $gc_stack_base (;2;) i32 i32.const 0)
  (global $gc_stack_limit (;3;) i32 i32.const 16384)
  (global $gc_heap_start (;4;) i32 i32.const 147456)
  (global $gc_worklist_end (;5;) i32 i32.const 81920)
  (global $gc_free_head (;6;) (mut i32) i32.const 0)
  (global $gc_wrap_base (;7;) i32 i32.const 81920)
  (global $gc_wrap_ptr (;8;) (mut i32) i32.const 81920)
  (global $gc_wrap_end (;9;) i32 i32.const 147456)
  (export "memory" (memory 0))
  (export "heap_ptr" (global $heap_ptr))
  (export "gc_sp" (global $gc_sp))
  (export "gc_stack_limit" (global $gc_stack_limit))
  (export "register_wrapper" (func $register_wrapper))
  (export "alloc" (func $alloc))
  (export "main" (func $main))
  (elem (;0;) (i32.const 0) func $anon_0 $anon_1)
  (func $alloc (;8;) (type 9) (param $size i32) (result i32)
    (local $total i32) (local $ptr i32) (local $prev i32) (local $node i32) (local $node_size i32)
    local.get $size
    i32.const -2147483648
    i32.and
    if ;; label = @1
      unreachable
    end
    local.get $size
    i32.const 4
    i32.add
    i32.const 7
    i32.add
    i32.const -8
    i32.and
    local.set $total
    i32.const 0
    local.set $prev
    global.get $gc_free_head
    local.set $node
    block $fl_done
      loop $fl_loop
        local.get $node
        i32.eqz
        br_if $fl_done
        local.get $node
        i32.const 4
        i32.sub
        i32.load
        i32.const 1
        i32.shr_u
        local.set $node_size
        local.get $node_size
        local.get $size
        i32.ge_u
        if ;; label = @3
          local.get $prev
          i32.eqz
          if ;; label = @4
            local.get $node
            i32.load
            global.set $gc_free_head
          else
            local.get $prev
            local.get $node
            i32.load
            i32.store
          end
          local.get $node
          i32.const 4
          i32.sub
          local.get $node_size
          i32.const 1
          i32.shl
          i32.store
          local.get $node
          return
        end
        local.get $node
        local.set $prev
        local.get $node
        i32.load
        local.set $node
        br $fl_loop
      end
    end
    global.get $heap_ptr
    local.get $total
    i32.add
    memory.size
    i32.const 16
    i32.shl
    i32.gt_u
    if ;; label = @1
      call $gc_collect
      i32.const 0
      local.set $prev
      global.get $gc_free_head
      local.set $node
      block $fl2_done
        loop $fl2_loop
          local.get $node
          i32.eqz
          br_if $fl2_done
          local.get $node
          i32.const 4
          i32.sub
          i32.load
          i32.const 1
          i32.shr_u
          local.set $node_size
          local.get $node_size
          local.get $size
          i32.ge_u
          if ;; label = @4
            local.get $prev
            i32.eqz
            if ;; label = @5
              local.get $node
              i32.load
              global.set $gc_free_head
            else
              local.get $prev
              local.get $node
              i32.load
              i32.store
            end
            local.get $node
            i32.const 4
            i32.sub
            local.get $node_size
            i32.const 1
            i32.shl
            i32.store
            local.get $node
            return
          end
          local.get $node
          local.set $prev
          local.get $node
          i32.load
          local.set $node
          br $fl2_loop
        end
      end
      global.get $heap_ptr
      local.get $total
      i32.add
      memory.size
      i32.const 16
      i32.shl
      i32.gt_u
      if ;; label = @2
        global.get $heap_ptr
        local.get $total
        i32.add
        memory.size
        i32.const 16
        i32.shl
        i32.sub
        i32.const 65535
        i32.add
        i32.const 16
        i32.shr_u
        memory.grow
        i32.const -1
        i32.eq
        if ;; label = @3
          unreachable
        end
      end
    end
    local.get $total
    i32.const -2147483648
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $heap_ptr
    i32.const -2147483648
    local.get $total
    i32.sub
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $heap_ptr
    local.set $ptr
    local.get $ptr
    local.get $size
    i32.const 1
    i32.shl
    i32.store
    global.get $heap_ptr
    local.get $total
    i32.add
    global.set $heap_ptr
    local.get $ptr
    i32.const 4
    i32.add
  )
  (func $register_wrapper (;9;) (type 7) (param $ptr i32) (param $kind i32) (param $handle i32)
    global.get $gc_wrap_ptr
    global.get $gc_wrap_end
    i32.ge_u
    if ;; label = @1
      global.get $gc_sp
      global.get $gc_stack_limit
      i32.ge_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $ptr
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      call $gc_collect
      global.get $gc_sp
      i32.const 4
      i32.sub
      global.set $gc_sp
      global.get $gc_wrap_ptr
      global.get $gc_wrap_end
      i32.ge_u
      if ;; label = @2
        unreachable
      end
    end
    global.get $gc_wrap_ptr
    local.get $ptr
    i32.store
    global.get $gc_wrap_ptr
    local.get $kind
    i32.store offset=4
    global.get $gc_wrap_ptr
    local.get $handle
    i32.store offset=8
    global.get $gc_wrap_ptr
    i32.const 0
    i32.store offset=12
    global.get $gc_wrap_ptr
    i32.const 16
    i32.add
    global.set $gc_wrap_ptr
  )
  (func $gc_collect (;10;) (type 8)
    (local $ptr i32) (local $header i32) (local $obj_size i32) (local $scan_ptr i32) (local $val i32) (local $wl_base i32) (local $wl_ptr i32) (local $wl_end i32) (local $obj_ptr i32) (local $free_head i32) (local $wrap_read i32) (local $wrap_write i32) (local $wrap_kind i32) (local $wrap_handle i32)
    global.get $gc_stack_limit
    local.set $wl_base
    local.get $wl_base
    local.set $wl_ptr
    global.get $gc_worklist_end
    local.set $wl_end
    global.get $gc_heap_start
    local.set $ptr
    block $c_done
      loop $c_loop
        local.get $ptr
        global.get $heap_ptr
        i32.ge_u
        br_if $c_done
        local.get $ptr
        local.get $ptr
        i32.load
        i32.const -2
        i32.and
        i32.store
        local.get $ptr
        i32.load
        i32.const 1
        i32.shr_u
        i32.const 11
        i32.add
        i32.const -8
        i32.and
        local.get $ptr
        i32.add
        local.set $ptr
        br $c_loop
      end
    end
    global.get $gc_stack_base
    local.set $scan_ptr
    block $s_done
      loop $s_loop
        local.get $scan_ptr
        global.get $gc_sp
        i32.ge_u
        br_if $s_done
        local.get $scan_ptr
        i32.load
        local.set $val
        local.get $val
        global.get $gc_heap_start
        i32.const 4
        i32.add
        i32.ge_u
        if ;; label = @3
          local.get $val
          global.get $heap_ptr
          i32.lt_u
          if ;; label = @4
            local.get $val
            global.get $gc_heap_start
            i32.sub
            i32.const 7
            i32.and
            i32.const 4
            i32.eq
            if ;; label = @5
              local.get $wl_ptr
              local.get $wl_end
              i32.ge_u
              if ;; label = @6
                unreachable
              end
              local.get $wl_ptr
              local.get $val
              i32.store
              local.get $wl_ptr
              i32.const 4
              i32.add
              local.set $wl_ptr
            end
          end
        end
        local.get $scan_ptr
        i32.const 4
        i32.add
        local.set $scan_ptr
        br $s_loop
      end
    end
    block $m_done
      loop $m_loop
        local.get $wl_ptr
        local.get $wl_base
        i32.le_u
        br_if $m_done
        local.get $wl_ptr
        i32.const 4
        i32.sub
        local.set $wl_ptr
        local.get $wl_ptr
        i32.load
        local.set $obj_ptr
        local.get $obj_ptr
        i32.const 4
        i32.sub
        i32.load
        local.set $header
        local.get $header
        i32.const 1
        i32.shr_u
        local.set $obj_size
        local.get $obj_ptr
        local.get $obj_size
        i32.add
        global.get $heap_ptr
        i32.gt_u
        if ;; label = @3
          br $m_loop
        end
        local.get $header
        i32.const 1
        i32.and
        if ;; label = @3
          br $m_loop
        end
        local.get $obj_ptr
        i32.const 4
        i32.sub
        local.get $header
        i32.const 1
        i32.or
        i32.store
        i32.const 0
        local.set $scan_ptr
        block $sc_done
          loop $sc_loop
            local.get $scan_ptr
            local.get $obj_size
            i32.ge_u
            br_if $sc_done
            local.get $obj_ptr
            local.get $scan_ptr
            i32.add
            i32.const 4
            i32.add
            global.get $heap_ptr
            i32.gt_u
            br_if $sc_done
            local.get $obj_ptr
            local.get $scan_ptr
            i32.add
            i32.load
            local.set $val
            local.get $val
            global.get $gc_heap_start
            i32.const 4
            i32.add
            i32.ge_u
            if ;; label = @5
              local.get $val
              global.get $heap_ptr
              i32.lt_u
              if ;; label = @6
                local.get $val
                global.get $gc_heap_start
                i32.sub
                i32.const 7
                i32.and
                i32.const 4
                i32.eq
                if ;; label = @7
                  local.get $val
                  i32.const 4
                  i32.sub
                  i32.load
                  i32.const 1
                  i32.and
                  i32.eqz
                  if ;; label = @8
                    local.get $wl_ptr
                    local.get $wl_end
                    i32.ge_u
                    if ;; label = @9
                      unreachable
                    end
                    local.get $wl_ptr
                    local.get $val
                    i32.store
                    local.get $wl_ptr
                    i32.const 4
                    i32.add
                    local.set $wl_ptr
                  end
                end
              end
            end
            local.get $scan_ptr
            i32.const 4
            i32.add
            local.set $scan_ptr
            br $sc_loop
          end
        end
        br $m_loop
      end
    end
    global.get $gc_wrap_base
    local.set $wrap_read
    global.get $gc_wrap_base
    local.set $wrap_write
    block $wt_done
      loop $wt_loop
        local.get $wrap_read
        global.get $gc_wrap_ptr
        i32.ge_u
        br_if $wt_done
        local.get $wrap_read
        i32.load
        local.set $obj_ptr
        local.get $wrap_read
        i32.load offset=4
        local.set $wrap_kind
        local.get $wrap_read
        i32.load offset=8
        local.set $wrap_handle
        local.get $obj_ptr
        i32.const 4
        i32.sub
        i32.load
        i32.const 1
        i32.and
        if ;; label = @3
          local.get $wrap_write
          local.get $obj_ptr
          i32.store
          local.get $wrap_write
          local.get $wrap_kind
          i32.store offset=4
          local.get $wrap_write
          local.get $wrap_handle
          i32.store offset=8
          local.get $wrap_write
          i32.const 0
          i32.store offset=12
          local.get $wrap_write
          i32.const 16
          i32.add
          local.set $wrap_write
        else
          local.get $wrap_kind
          local.get $wrap_handle
          call $vera.host_decref_handle
        end
        local.get $wrap_read
        i32.const 16
        i32.add
        local.set $wrap_read
        br $wt_loop
      end
    end
    local.get $wrap_write
    global.set $gc_wrap_ptr
    i32.const 0
    local.set $free_head
    global.get $gc_heap_start
    local.set $ptr
    block $sw_done
      loop $sw_loop
        local.get $ptr
        global.get $heap_ptr
        i32.ge_u
        br_if $sw_done
        local.get $ptr
        i32.load
        local.set $header
        local.get $header
        i32.const 1
        i32.shr_u
        local.set $obj_size
        local.get $header
        i32.const 1
        i32.and
        i32.eqz
        if ;; label = @3
          local.get $ptr
          i32.const 4
          i32.add
          local.get $free_head
          i32.store
          local.get $ptr
          i32.const 4
          i32.add
          local.set $free_head
        end
        local.get $obj_size
        i32.const 11
        i32.add
        i32.const -8
        i32.and
        local.get $ptr
        i32.add
        local.set $ptr
        br $sw_loop
      end
    end
    local.get $free_head
    global.set $gc_free_head
  )
  (func $change (;11;) (type 2) (param $p0 i32) (param $p1 i64) (result i32)
    (local $l2 i64) (local $l3 i64) (local $l4 i64) (local $l5 i32) (local $l6 i64) (local $l7 i64) (local $l8 i64) (local $l9 i64) (local $l10 i64) (local $l11 i64) (local $l12 i32) (local $l13 i32) (local $l14 i32)
    global.get $gc_sp
    local.set $l13
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $p0
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $p1
    i64.const 3
    i64.rem_s
    i64.const 2
    i64.eq
    if (result i32) ;; label = @1
      local.get $p0
      local.get $p1
      local.set $l2
      i64.const 5
      local.set $l3
      local.get $l2
      local.get $l3
      i64.mul
      local.set $l4
      local.get $l2
      i64.eqz
      if ;; label = @2
      else
        local.get $l2
        i64.const -1
        i64.eq
        if ;; label = @3
          local.get $l3
          i64.const -9223372036854775808
          i64.eq
          if ;; label = @4
            call $vera.overflow_trap
            unreachable
          end
        else
          local.get $l4
          local.get $l2
          i64.div_s
          local.get $l3
          i64.ne
          if ;; label = @4
            call $vera.overflow_trap
            unreachable
          end
        end
      end
      local.get $l4
      i64.const 97
      i64.rem_s
      call $vera.map_remove$ki
      local.set $l5
      global.get $gc_sp
      global.get $gc_stack_limit
      i32.ge_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $l5
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      local.get $l5
    else
      local.get $p0
      local.get $p1
      local.set $l6
      i64.const 7
      local.set $l7
      local.get $l6
      local.get $l7
      i64.mul
      local.set $l8
      local.get $l6
      i64.eqz
      if ;; label = @2
      else
        local.get $l6
        i64.const -1
        i64.eq
        if ;; label = @3
          local.get $l7
          i64.const -9223372036854775808
          i64.eq
          if ;; label = @4
            call $vera.overflow_trap
            unreachable
          end
        else
          local.get $l8
          local.get $l6
          i64.div_s
          local.get $l7
          i64.ne
          if ;; label = @4
            call $vera.overflow_trap
            unreachable
          end
        end
      end
      local.get $l8
      i64.const 97
      i64.rem_s
      local.get $p1
      local.set $l9
      i64.const 1
      local.set $l10
      local.get $l9
      local.get $l10
      i64.add
      local.tee $l11
      local.get $l9
      local.get $l11
      i64.xor
      local.get $l10
      local.get $l11
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      if ;; label = @2
        call $vera.overflow_trap
        unreachable
      end
      call $vera.map_insert$ki_vi
      local.set $l12
      global.get $gc_sp
      global.get $gc_stack_limit
      i32.ge_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $l12
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      local.get $l12
    end
    local.set $l14
    local.get $l13
    global.set $gc_sp
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l14
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l14
  )
  (func $entry (;12;) (type 10) (param $p0 i32) (param $p1 i64) (result i64)
    (local $l2 i64) (local $l3 i64) (local $l4 i64) (local $l5 i64) (local $l6 i64) (local $l7 i64) (local $l8 i32) (local $l9 i64)
    global.get $gc_sp
    local.set $l8
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $p0
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $p1
    local.set $l2
    i64.const 1
    local.set $l3
    local.get $l2
    local.get $l3
    i64.add
    local.tee $l4
    local.get $l2
    local.get $l4
    i64.xor
    local.get $l3
    local.get $l4
    i64.xor
    i64.and
    i64.const 0
    i64.lt_s
    if ;; label = @1
      call $vera.overflow_trap
      unreachable
    end
    local.set $l5
    local.get $p0
    local.get $p1
    call $vera.map_get$ki_vi
    i64.const 0
    i64.const 1000000
    i64.sub
    call $option_unwrap_or$Int
    local.set $l6
    local.get $l5
    local.get $l6
    i64.mul
    local.set $l7
    local.get $l5
    i64.eqz
    if ;; label = @1
    else
      local.get $l5
      i64.const -1
      i64.eq
      if ;; label = @2
        local.get $l6
        i64.const -9223372036854775808
        i64.eq
        if ;; label = @3
          call $vera.overflow_trap
          unreachable
        end
      else
        local.get $l7
        local.get $l5
        i64.div_s
        local.get $l6
        i64.ne
        if ;; label = @3
          call $vera.overflow_trap
          unreachable
        end
      end
    end
    local.get $l7
    local.set $l9
    local.get $l8
    global.set $gc_sp
    local.get $l9
  )
  (func $main (;13;) (type 11) (param $p0 i64) (result i64)
    (local $l1 i64) (local $l2 i64) (local $l3 i64) (local $l4 i32) (local $l5 i32) (local $l6 i32) (local $l7 i32) (local $l8 i32) (local $l9 i32) (local $l10 i32) (local $l11 i32) (local $l12 i32) (local $l13 i32) (local $l14 i32) (local $l15 i32) (local $l16 i32) (local $l17 i32) (local $l18 i32) (local $l19 i32) (local $l20 i32) (local $l21 i32) (local $l22 i32) (local $l23 i32) (local $l24 i32) (local $l25 i32) (local $l26 i64) (local $l27 i64) (local $l28 i32) (local $l29 i64)
    global.get $gc_sp
    local.set $l28
    i64.const 0
    local.set $l1
    local.get $p0
    local.set $l2
    local.get $l2
    local.get $l1
    i64.sub
    local.set $l3
    local.get $l3
    i64.const 0
    i64.lt_s
    if ;; label = @1
      i64.const 0
      local.set $l3
    end
    local.get $l3
    i32.wrap_i64
    local.set $l4
    local.get $l4
    i32.eqz
    if (type 12) (result i32 i32) ;; label = @1
      i32.const 0
      i32.const 0
    else
      local.get $l4
      i32.const 8
      i32.mul
      call $alloc
      local.set $l5
      global.get $gc_sp
      global.get $gc_stack_limit
      i32.ge_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $l5
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      i32.const 0
      local.set $l6
      block $brk_fill
        loop $lp_fill
          local.get $l6
          local.get $l4
          i32.ge_u
          br_if $brk_fill
          local.get $l5
          local.get $l6
          i32.const 8
          i32.mul
          i32.add
          local.get $l1
          local.get $l6
          i64.extend_i32_u
          i64.add
          i64.store
          local.get $l6
          i32.const 1
          i32.add
          local.set $l6
          br $lp_fill
        end
      end
      local.get $l5
      local.get $l4
    end
    local.set $l8
    local.set $l7
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l7
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    call $vera.map_new
    local.set $l9
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l9
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l9
    i64.const 0
    i64.const 0
    call $vera.map_insert$ki_vi
    local.set $l10
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l10
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l10
    local.set $l11
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l11
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l7
    local.get $l8
    local.set $l14
    local.set $l13
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l13
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l11
    local.set $l18
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l18
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    i32.const 8
    call $alloc
    local.set $l12
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l12
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l12
    i32.const 0
    i32.store
    local.get $l12
    local.set $l15
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l15
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    i32.const 0
    local.set $l16
    block $brk_fold
      loop $lp_fold
        local.get $l16
        local.get $l14
        i32.ge_u
        br_if $brk_fold
        local.get $l13
        local.get $l16
        i32.const 8
        i32.mul
        i32.add
        local.set $l17
        local.get $l15
        local.get $l18
        local.get $l17
        i64.load
        local.get $l15
        i32.load
        call_indirect (type $closure_sig_0)
        local.set $l18
        global.get $gc_sp
        i32.const 4
        i32.sub
        global.set $gc_sp
        global.get $gc_sp
        i32.const 8
        i32.sub
        local.get $l18
        i32.store
        local.get $l16
        i32.const 1
        i32.add
        local.set $l16
        br $lp_fold
      end
    end
    local.get $l18
    local.set $l19
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l19
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l19
    call $vera.map_keys$ki
    local.set $l22
    local.set $l21
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l21
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    i64.const 0
    local.set $l26
    i32.const 8
    call $alloc
    local.set $l20
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l20
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l20
    i32.const 1
    i32.store
    local.get $l20
    local.get $l19
    i32.store offset=4
    local.get $l20
    local.set $l23
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l23
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    i32.const 0
    local.set $l24
    block $brk_fold
      loop $lp_fold
        local.get $l24
        local.get $l22
        i32.ge_u
        br_if $brk_fold
        local.get $l21
        local.get $l24
        i32.const 8
        i32.mul
        i32.add
        local.set $l25
        local.get $l23
        local.get $l26
        local.get $l25
        i64.load
        local.get $l23
        i32.load
        call_indirect (type $closure_sig_1)
        local.set $l26
        local.get $l24
        i32.const 1
        i32.add
        local.set $l24
        br $lp_fold
      end
    end
    local.get $l26
    local.tee $l27
    i64.const 0
    i64.lt_s
    if ;; label = @1
      unreachable
    end
    local.get $l27
    local.set $l29
    local.get $l28
    global.set $gc_sp
    local.get $l29
  )
  (func $option_unwrap_or$Int (;14;) (type 10) (param $p0 i32) (param $p1 i64) (result i64)
    (local $l2 i32) (local $l3 i64)
    local.get $p0
    local.set $l2
    local.get $l2
    i32.load
    i32.const 0
    i32.eq
    if (result i64) ;; label = @1
      local.get $p1
    else
      local.get $l2
      i64.load offset=8
      local.set $l3
      local.get $l3
    end
  )
  (func $anon_0 (;15;) (type $closure_sig_0) (param $env i32) (param $p0 i32) (param $p1 i64) (result i32)
    (local $l3 i32)
    local.get $p0
    local.get $p1
    call $change
    local.set $l3
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l3
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l3
  )
  (func $anon_1 (;16;) (type $closure_sig_1) (param $env i32) (param $p0 i64) (param $p1 i64) (result i64)
    (local $l3 i32) (local $l4 i64) (local $l5 i64) (local $l6 i64)
    local.get $env
    i32.load offset=4
    local.set $l3
    local.get $p0
    local.set $l4
    local.get $l3
    local.get $p1
    call $entry
    local.set $l5
    local.get $l4
    local.get $l5
    i64.add
    local.tee $l6
    local.get $l4
    local.get $l6
    i64.xor
    local.get $l5
    local.get $l6
    i64.xor
    i64.and
    i64.const 0
    i64.lt_s
    if ;; label = @1
      call $vera.overflow_trap
      unreachable
    end
  )
)

