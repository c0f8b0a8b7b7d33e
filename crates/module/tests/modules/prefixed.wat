(module
  (type (;0;) (func (param i32 i32 i32)))
  (type (;1;) (func (param i32)))
  (type (;2;) (func (param i32) (result i32)))
  (type (;3;) (func))
  (type (;4;) (func (param i64) (result i64)))
  (type (;5;) (func (param i32 i64) (result i64)))
  (import "vera" "trap" (func $vera.trap (;0;) (type 0)))
  (memory (;0;) 1)
  (tag $exn_Trace (;0;) (type 1) (param i32))
  (global $heap_ptr (;0;) (mut i32) i32.const 81920)
  (global $gc_sp (;1;) (mut i32) i32.const 0)
  (global $gc_stack_base (;2;) i32 i32.const 0)
  (global $gc_stack_limit (;3;) i32 i32.const 16384)
  (global $gc_heap_start (;4;) i32 i32.const 81920)
  (global $gc_worklist_end (;5;) i32 i32.const 81920)
  (global $gc_free_head (;6;) (mut i32) i32.const 0)
  (global $gc_bm_base (;7;) (mut i32) i32.const 0)
  (global $gc_rs_lo (;8;) (mut i32) i32.const 0)
  (global $gc_rs_off (;9;) (mut i32) i32.const 0)
  (global $gc_rs_hi (;10;) (mut i32) i32.const 0)
  (global $gc_rs_stop (;11;) (mut i32) i32.const 0)
  (global $gc_rs_stop_off (;12;) (mut i32) i32.const 0)
  (global $gc_rs_below (;13;) (mut i32) i32.const 0)
  (export "vera.memory" (memory 0))
  (export "vera.heap_ptr" (global $heap_ptr))
  (export "vera.gc_sp" (global $gc_sp))
  (export "vera.gc_stack_limit" (global $gc_stack_limit))
  (export "vera.alloc" (func $alloc))
  (export "main" (func $:main))
  (func $alloc (;1;) (type 2) (param $size i32) (result i32)
    (local $total i32) (local $ptr i32) (local $prev i32) (local $node i32) (local $node_size i32)
    local.get $size
    i32.const -2147483648
    i32.and
    if ;; label = @1
      i32.const 9
      i32.const 0
      i32.const 0
      call $vera.trap
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
          i32.const 9
          i32.const 0
          i32.const 0
          call $vera.trap
          unreachable
        end
      end
    end
    local.get $total
    i32.const -2147483648
    i32.ge_u
    if ;; label = @1
      i32.const 9
      i32.const 0
      i32.const 0
      call $vera.trap
      unreachable
    end
    global.get $heap_ptr
    i32.const -2147483648
    local.get $total
    i32.sub
    i32.ge_u
    if ;; label = @1
      i32.const 9
      i32.const 0
      i32.const 0
      call $vera.trap
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
  (func $gc_set_base (;2;) (type 1) (param $p i32)
    (local $bi i32) (local $ba i32)
    local.get $p
    global.get $gc_heap_start
    i32.sub
    i32.const 3
    i32.shr_u
    local.set $bi
    global.get $gc_bm_base
    local.get $bi
    i32.const 3
    i32.shr_u
    i32.add
    local.set $ba
    local.get $ba
    local.get $ba
    i32.load8_u
    i32.const 1
    local.get $bi
    i32.const 7
    i32.and
    i32.shl
    i32.or
    i32.store8
  )
  (func $gc_is_base (;3;) (type 2) (param $p i32) (result i32)
    (local $bi i32)
    local.get $p
    global.get $gc_heap_start
    i32.sub
    i32.const 3
    i32.shr_u
    local.set $bi
    global.get $gc_bm_base
    local.get $bi
    i32.const 3
    i32.shr_u
    i32.add
    i32.load8_u
    i32.const 1
    local.get $bi
    i32.const 7
    i32.and
    i32.shl
    i32.and
    i32.const 0
    i32.ne
  )
  (func $gc_collect (;4;) (type 3)
    (local $ptr i32) (local $header i32) (local $obj_size i32) (local $scan_ptr i32) (local $val i32) (local $wl_base i32) (local $wl_ptr i32) (local $wl_end i32) (local $obj_ptr i32) (local $free_head i32) (local $bm_bytes i32) (local $bm_i i32) (local $rs_end i32)
    global.get $gc_stack_limit
    local.set $wl_base
    local.get $wl_base
    local.set $wl_ptr
    global.get $gc_worklist_end
    local.set $wl_end
    global.get $heap_ptr
    global.set $gc_bm_base
    global.get $heap_ptr
    global.get $gc_heap_start
    i32.sub
    i32.const 6
    i32.shr_u
    i32.const 1
    i32.add
    local.set $bm_bytes
    global.get $gc_bm_base
    local.get $bm_bytes
    i32.add
    memory.size
    i32.const 16
    i32.shl
    i32.gt_u
    if ;; label = @1
      global.get $gc_bm_base
      local.get $bm_bytes
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
      if ;; label = @2
        i32.const 9
        i32.const 0
        i32.const 0
        call $vera.trap
        unreachable
      end
    end
    i32.const 0
    local.set $bm_i
    block $bz_done
      loop $bz_loop
        local.get $bm_i
        local.get $bm_bytes
        i32.ge_u
        br_if $bz_done
        global.get $gc_bm_base
        local.get $bm_i
        i32.add
        i32.const 0
        i32.store8
        local.get $bm_i
        i32.const 1
        i32.add
        local.set $bm_i
        br $bz_loop
      end
    end
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
        i32.const 4
        i32.add
        call $gc_set_base
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
            local.get $val
            call $gc_is_base
            i32.and
            if ;; label = @5
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
    i32.const -1
    global.set $gc_rs_lo
    i32.const 0
    global.set $gc_rs_hi
    i32.const 0
    global.set $gc_rs_stop
    i32.const 0
    global.set $gc_rs_stop_off
    i32.const 0
    global.set $gc_rs_below
    block $mk_done
      loop $mk_loop
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
            local.get $header
            i32.const 1
            i32.and
            if ;; label = @5
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
              block $sc_drop
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
                  if ;; label = @8
                    local.get $val
                    global.get $heap_ptr
                    i32.lt_u
                    if ;; label = @9
                      local.get $val
                      global.get $gc_heap_start
                      i32.sub
                      i32.const 7
                      i32.and
                      i32.const 4
                      i32.eq
                      local.get $val
                      call $gc_is_base
                      i32.and
                      if ;; label = @10
                        local.get $val
                        i32.const 4
                        i32.sub
                        i32.load
                        i32.const 1
                        i32.and
                        i32.eqz
                        if ;; label = @11
                          local.get $wl_ptr
                          local.get $wl_end
                          i32.ge_u
                          br_if $sc_drop
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
              local.get $obj_ptr
              i32.const 4
              i32.sub
              global.get $gc_rs_lo
              i32.lt_u
              if ;; label = @6
                local.get $obj_ptr
                i32.const 4
                i32.sub
                global.set $gc_rs_lo
                local.get $scan_ptr
                global.set $gc_rs_off
              end
              local.get $obj_ptr
              i32.const 4
              i32.sub
              global.get $gc_rs_hi
              i32.gt_u
              if ;; label = @6
                local.get $obj_ptr
                i32.const 4
                i32.sub
                global.set $gc_rs_hi
              end
              local.get $obj_ptr
              i32.const 4
              i32.sub
              global.get $gc_rs_stop
              i32.lt_u
              if ;; label = @6
                local.get $obj_ptr
                i32.const 4
                i32.sub
                global.get $gc_rs_below
                i32.gt_u
                if ;; label = @7
                  local.get $obj_ptr
                  i32.const 4
                  i32.sub
                  global.set $gc_rs_below
                end
              end
            end
            br $m_loop
          end
        end
        global.get $gc_rs_lo
        global.get $gc_rs_hi
        i32.gt_u
        br_if $mk_done
        global.get $gc_rs_lo
        local.set $ptr
        global.get $gc_rs_hi
        local.set $rs_end
        global.get $gc_rs_off
        local.set $scan_ptr
        i32.const -1
        global.set $gc_rs_lo
        i32.const 0
        global.set $gc_rs_hi
        block $rw_done
          loop $rw_loop
            local.get $ptr
            local.get $rs_end
            i32.gt_u
            if ;; label = @5
              i32.const 0
              global.set $gc_rs_stop
              i32.const 0
              global.set $gc_rs_stop_off
              i32.const 0
              global.set $gc_rs_below
              br $rw_done
            end
            local.get $ptr
            i32.load
            local.set $header
            local.get $header
            i32.const 1
            i32.and
            if ;; label = @5
              local.get $ptr
              i32.const 4
              i32.add
              local.set $obj_ptr
              local.get $header
              i32.const 1
              i32.shr_u
              local.set $obj_size
              local.get $ptr
              global.get $gc_rs_stop
              i32.eq
              if ;; label = @6
                global.get $gc_rs_stop_off
                local.set $scan_ptr
              end
              block $rs_scan_done
                block $rs_scan_drop
                  loop $rs_scan_loop
                    local.get $scan_ptr
                    local.get $obj_size
                    i32.ge_u
                    br_if $rs_scan_done
                    local.get $obj_ptr
                    local.get $scan_ptr
                    i32.add
                    i32.const 4
                    i32.add
                    global.get $heap_ptr
                    i32.gt_u
                    br_if $rs_scan_done
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
                    if ;; label = @9
                      local.get $val
                      global.get $heap_ptr
                      i32.lt_u
                      if ;; label = @10
                        local.get $val
                        global.get $gc_heap_start
                        i32.sub
                        i32.const 7
                        i32.and
                        i32.const 4
                        i32.eq
                        local.get $val
                        call $gc_is_base
                        i32.and
                        if ;; label = @11
                          local.get $val
                          i32.const 4
                          i32.sub
                          i32.load
                          i32.const 1
                          i32.and
                          i32.eqz
                          if ;; label = @12
                            local.get $wl_ptr
                            local.get $wl_end
                            i32.ge_u
                            br_if $rs_scan_drop
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
                    br $rs_scan_loop
                  end
                end
                local.get $obj_ptr
                i32.const 4
                i32.sub
                global.get $gc_rs_lo
                i32.lt_u
                if ;; label = @7
                  local.get $obj_ptr
                  i32.const 4
                  i32.sub
                  global.set $gc_rs_lo
                  local.get $scan_ptr
                  global.set $gc_rs_off
                end
                local.get $obj_ptr
                i32.const 4
                i32.sub
                global.get $gc_rs_hi
                i32.gt_u
                if ;; label = @7
                  local.get $obj_ptr
                  i32.const 4
                  i32.sub
                  global.set $gc_rs_hi
                end
                local.get $obj_ptr
                i32.const 4
                i32.sub
                global.get $gc_rs_stop
                i32.lt_u
                if ;; label = @7
                  local.get $obj_ptr
                  i32.const 4
                  i32.sub
                  global.get $gc_rs_below
                  i32.gt_u
                  if ;; label = @8
                    local.get $obj_ptr
                    i32.const 4
                    i32.sub
                    global.set $gc_rs_below
                  end
                end
              end
              global.get $gc_rs_lo
              global.get $gc_rs_hi
              i32.le_u
              if ;; label = @6
                local.get $ptr
                global.get $gc_rs_stop
                i32.ge_u
                if ;; label = @7
                  local.get $ptr
                  global.set $gc_rs_stop
                  local.get $scan_ptr
                  global.set $gc_rs_stop_off
                  i32.const 0
                  global.set $gc_rs_below
                end
                local.get $rs_end
                global.set $gc_rs_hi
                br $rw_done
              end
            end
            i32.const 0
            local.set $scan_ptr
            local.get $header
            i32.const 1
            i32.shr_u
            i32.const 11
            i32.add
            i32.const -8
            i32.and
            local.get $ptr
            i32.add
            local.set $ptr
            local.get $ptr
            global.get $gc_rs_stop
            i32.lt_u
            if ;; label = @5
              local.get $ptr
              global.get $gc_rs_below
              i32.gt_u
              if ;; label = @6
                global.get $gc_rs_stop
                local.set $ptr
              end
            end
            br $rw_loop
          end
        end
        br $mk_loop
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
  (func $:level (;5;) (type 4) (param $p0 i64) (result i64)
    (local $l1 i32) (local $l2 i32) (local $l3 i32) (local $l4 i64) (local $l5 i64) (local $l6 i64) (local $l7 i64) (local $l8 i32) (local $l9 i32) (local $l10 i32) (local $l11 i32) (local $l12 i32) (local $l13 i64) (local $l14 i64) (local $l15 i32) (local $l16 i64) (local $l17 i64) (local $l18 i64) (local $l19 i32) (local $l20 i64) (local $l21 i32) (local $l22 i64)
    global.get $gc_sp
    local.set $l21
    global.get $gc_sp
    local.set $l19
    local.get $p0
    i64.const 0
    i64.eq
    if (result i64) ;; label = @1
      global.get $gc_sp
      local.set $l2
      i32.const 16
      call $alloc
      local.tee $l1
      i32.const 0
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.get $gc_stack_limit
      i32.gt_u
      if ;; label = @2
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
      i64.const 5
      i64.store offset=8
      local.get $l1
      local.set $l3
      local.get $l2
      global.set $gc_sp
      global.get $gc_sp
      i32.const 4
      i32.add
      global.get $gc_stack_limit
      i32.gt_u
      if ;; label = @2
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
      throw $exn_Trace
    else
      global.get $gc_sp
      local.set $l15
      global.get $gc_sp
      local.set $l12
      block $hd_0 (result i64)
        block $hc_0 (result i32)
          try_table (result i64) (catch $exn_Trace $hc_0) ;; label = @4
            local.get $p0
            local.set $l4
            i64.const 1
            local.set $l5
            local.get $l4
            local.get $l5
            i64.sub
            local.tee $l6
            local.get $l4
            local.get $l5
            i64.xor
            local.get $l4
            local.get $l6
            i64.xor
            i64.and
            i64.const 0
            i64.lt_s
            if ;; label = @5
              i32.const 1
              i32.const 0
              i32.const 0
              call $vera.trap
              unreachable
            end
            local.tee $l7
            i64.const 0
            i64.lt_s
            if ;; label = @5
              i32.const 2
              i32.const 0
              i32.const 0
              call $vera.trap
              unreachable
            end
            local.get $l7
            call $:level
          end
          br $hd_0
        end
        local.set $l8
        global.get $gc_sp
        local.set $l10
        i32.const 24
        call $alloc
        local.tee $l9
        i32.const 1
        i32.store
        global.get $gc_sp
        i32.const 4
        i32.add
        global.get $gc_stack_limit
        i32.gt_u
        if ;; label = @3
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
        local.get $p0
        i64.const 1009
        i64.rem_s
        i64.store offset=8
        local.get $l9
        local.get $l8
        i32.store offset=16
        local.get $l9
        local.set $l11
        local.get $l10
        global.set $gc_sp
        global.get $gc_sp
        i32.const 4
        i32.add
        global.get $gc_stack_limit
        i32.gt_u
        if ;; label = @3
          unreachable
        end
        global.get $gc_sp
        local.get $l11
        i32.store
        global.get $gc_sp
        i32.const 4
        i32.add
        global.set $gc_sp
        local.get $l11
        throw $exn_Trace
      end
      local.set $l13
      local.get $l12
      global.set $gc_sp
      local.get $l13
      local.set $l14
      local.get $l15
      global.set $gc_sp
      local.get $l14
      local.set $l16
      i64.const 1
      local.set $l17
      local.get $l16
      local.get $l17
      i64.add
      local.tee $l18
      local.get $l16
      local.get $l18
      i64.xor
      local.get $l17
      local.get $l18
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      if ;; label = @2
        i32.const 1
        i32.const 0
        i32.const 0
        call $vera.trap
        unreachable
      end
    end
    local.set $l20
    local.get $l19
    global.set $gc_sp
    local.get $l20
    local.set $l22
    local.get $l21
    global.set $gc_sp
    local.get $l22
  )
  (func $:weighed (;6;) (type 5) (param $p0 i32) (param $p1 i64) (result i64)
    (local $l2 i32) (local $l3 i64) (local $l4 i64) (local $l5 i64) (local $l6 i64) (local $l7 i64) (local $l8 i64) (local $l9 i64) (local $l10 i64) (local $l11 i32) (local $l12 i64) (local $l13 i64) (local $l14 i64) (local $l15 i64) (local $l16 i64) (local $l17 i64) (local $l18 i32) (local $l19 i64) (local $l20 i32) (local $l21 i64)
    global.get $gc_sp
    local.set $l20
    global.get $gc_sp
    i32.const 4
    i32.add
    global.get $gc_stack_limit
    i32.gt_u
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
    global.get $gc_sp
    local.set $l18
    local.get $p0
    local.set $l2
    local.get $l2
    i32.load
    i32.const 0
    i32.eq
    if (result i64) ;; label = @1
      local.get $l2
      i64.load offset=8
      local.set $l3
      local.get $p1
      local.set $l4
      i64.const 31
      local.set $l5
      local.get $l4
      local.get $l5
      i64.mul
      local.set $l6
      local.get $l4
      i64.eqz
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get $l4
        i64.const -1
        i64.eq
        if (result i32) ;; label = @3
          local.get $l5
          i64.const -9223372036854775808
          i64.eq
        else
          local.get $l6
          local.get $l4
          i64.div_s
          local.get $l5
          i64.ne
        end
      end
      if ;; label = @2
        i32.const 1
        i32.const 0
        i32.const 0
        call $vera.trap
        unreachable
      end
      local.get $l6
      local.set $l7
      local.get $l3
      local.set $l8
      local.get $l7
      local.get $l8
      i64.add
      local.tee $l9
      local.get $l7
      local.get $l9
      i64.xor
      local.get $l8
      local.get $l9
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      if ;; label = @2
        i32.const 1
        i32.const 0
        i32.const 0
        call $vera.trap
        unreachable
      end
    else
      local.get $l2
      i64.load offset=8
      local.set $l10
      local.get $l2
      i32.load offset=16
      local.set $l11
      global.get $gc_sp
      i32.const 4
      i32.add
      global.get $gc_stack_limit
      i32.gt_u
      if ;; label = @2
        unreachable
      end
      global.get $gc_sp
      local.get $l11
      i32.store
      global.get $gc_sp
      i32.const 4
      i32.add
      global.set $gc_sp
      local.get $l11
      local.get $p1
      local.set $l12
      i64.const 31
      local.set $l13
      local.get $l12
      local.get $l13
      i64.mul
      local.set $l14
      local.get $l12
      i64.eqz
      if (result i32) ;; label = @2
        i32.const 0
      else
        local.get $l12
        i64.const -1
        i64.eq
        if (result i32) ;; label = @3
          local.get $l13
          i64.const -9223372036854775808
          i64.eq
        else
          local.get $l14
          local.get $l12
          i64.div_s
          local.get $l13
          i64.ne
        end
      end
      if ;; label = @2
        i32.const 1
        i32.const 0
        i32.const 0
        call $vera.trap
        unreachable
      end
      local.get $l14
      local.set $l15
      local.get $l10
      local.set $l16
      local.get $l15
      local.get $l16
      i64.add
      local.tee $l17
      local.get $l15
      local.get $l17
      i64.xor
      local.get $l16
      local.get $l17
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      if ;; label = @2
        i32.const 1
        i32.const 0
        i32.const 0
        call $vera.trap
        unreachable
      end
      i64.const 1000003
      i64.rem_s
      local.get $l20
      global.set $gc_sp
      return_call $:weighed
    end
    local.set $l19
    local.get $l18
    global.set $gc_sp
    local.get $l19
    local.set $l21
    local.get $l20
    global.set $gc_sp
    local.get $l21
  )
  (func $:main (;7;) (type 4) (param $p0 i64) (result i64)
    (local $l1 i32)
    block $hd_0 (result i64)
      block $hc_0 (result i32)
        try_table (result i64) (catch $exn_Trace $hc_0) ;; label = @3
          local.get $p0
          call $:level
        end
        br $hd_0
      end
      local.set $l1
      local.get $l1
      i64.const 7
      call $:weighed
    end
  )
)

