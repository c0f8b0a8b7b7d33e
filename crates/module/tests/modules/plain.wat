(module
  (type (;0;) (func))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i64 i32) (result i32)))
  (type (;3;) (func (param i32 i64) (result i64)))
  (type (;4;) (func (param i64) (result i64)))
  (import "vera" "overflow_trap" (func $vera.overflow_trap (;0;) (type 0)))
  (memory (;0;) 1)
  (global $heap_ptr (;0;) (mut i32) i32.const 81920)
  (global $gc_sp (;1;) (mut i32) i32.const 0)
  (global $gc_stack_base (;2;) i32 i32.const 0)
  (global $gc_stack_limit (;3;) i32 i32.const 16384)
  (global $gc_heap_start (;4;) i32 i32.const 81920)
  (global $gc_worklist_end (;5;) i32 i32.const 81920)
  (global $gc_free_head (;6;) (mut i32) i32.const 0)
  (export "memory" (memory 0))
  (export "heap_ptr" (global $heap_ptr))
  (export "gc_sp" (global $gc_sp))
  (export "gc_stack_limit" (global $gc_stack_limit))
  (export "alloc" (func $alloc))
  (export "main" (func $main))
  (func $alloc (;1;) (type 1) (param $size i32) (result i32)
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
  (func $gc_collect (;2;) (type 0)
    (local $ptr i32) (local $header i32) (local $obj_size i32) (local $scan_ptr i32) (local $val i32) (local $wl_base i32) (local $wl_ptr i32) (local $wl_end i32) (local $obj_ptr i32) (local $free_head i32)
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
  (func $build (;3;) (type 2) (param $p0 i64) (param $p1 i32) (result i32)
    (local $l2 i64) (local $l3 i64) (local $l4 i32) (local $l5 i64) (local $l6 i32) (local $l7 i32)
    global.get $gc_sp
    local.set $l6
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $p1
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $p0
    i64.const 0
    i64.eq
    if (result i32) ;; label = @1
      local.get $p1
    else
      local.get $p0
      i64.const 1
      local.set $l3
      local.tee $l2
      local.get $l3
      i64.lt_s
      if ;; label = @2
        unreachable
      end
      local.get $l2
      local.get $l3
      i64.sub
      i32.const 24
      call $alloc
      local.tee $l4
      i32.const 1
      i32.store
      global.get $gc_sp
      global.get $gc_stack_limit
      i32.ge_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $l4
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      local.get $l4
      local.get $p0
      local.tee $l5
      i64.const 0
      i64.lt_s
      if ;; label = @2
        unreachable
      end
      local.get $l5
      i64.store offset=8
      local.get $l4
      local.get $p1
      i32.store offset=16
      local.get $l4
      local.get $l6
      global.set $gc_sp
      return_call $build
    end
    local.set $l7
    local.get $l6
    global.set $gc_sp
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
    local.get $l7
  )
  (func $total (;4;) (type 3) (param $p0 i32) (param $p1 i64) (result i64)
    (local $l2 i32) (local $l3 i64) (local $l4 i32) (local $l5 i64) (local $l6 i64) (local $l7 i64) (local $l8 i32) (local $l9 i64)
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
      local.get $l2
      i32.load offset=16
      local.set $l4
      global.get $gc_sp
      global.get $gc_stack_limit
      i32.ge_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $l4
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      local.get $l4
      local.get $l3
      local.set $l5
      local.get $p1
      local.set $l6
      local.get $l5
      local.get $l6
      i64.add
      local.tee $l7
      local.get $l5
      local.get $l7
      i64.xor
      local.get $l6
      local.get $l7
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      if ;; label = @2
        call $vera.overflow_trap
        unreachable
      end
      local.get $l8
      global.set $gc_sp
      return_call $total
    end
    local.set $l9
    local.get $l8
    global.set $gc_sp
    local.get $l9
  )
  (func $main (;5;) (type 4) (param $p0 i64) (result i64)
    (local $l1 i32) (local $l2 i32) (local $l3 i64)
    global.get $gc_sp
    local.set $l2
    local.get $p0
    i32.const 8
    call $alloc
    local.tee $l1
    i32.const 0
    i32.store
    global.get $gc_sp
    global.get $gc_stack_limit
    i32.ge_u
    if ;; label = @1
      unreachable
    end
    global.get $gc_sp
    local.get $l1
    i32.store
    global.get $gc_sp
    i32.const 4
    i32.add
    global.set $gc_sp
    local.get $l1
    call $build
    i64.const 0
    local.get $l2
    global.set $gc_sp
    return_call $total
    local.set $l3
    local.get $l2
    global.set $gc_sp
    local.get $l3
  )
)

