from models.databases.blocking import DEPTH_MAX, NODES_MAX, Session, blocking_tree


def session(pid: int, *blockers: int, seconds: float = 1.0) -> Session:
    return Session(
        pid, "app", "worker", "videos", "active", "", "UPDATE", seconds, seconds, blockers
    )


def shape(nodes) -> list:
    return [(node.pid, shape(node.children)) for node in nodes]


def test_whoever_blocks_and_waits_for_nobody_stands_at_the_root():
    tree = blocking_tree([session(2, 1), session(1), session(3, 2)])

    assert shape(tree) == [(1, [(2, [(3, [])])])]
    assert tree[0].waiting == 2


def test_the_root_that_holds_up_most_comes_first():
    tree = blocking_tree(
        [session(1, seconds=99), session(2, 1), session(5), session(6, 5), session(7, 5)]
    )

    assert [node.pid for node in tree] == [5, 1]


def test_of_those_that_wait_the_longest_comes_first():
    tree = blocking_tree([session(1), session(2, 1, seconds=3), session(3, 1, seconds=9)])

    assert shape(tree) == [(1, [(3, []), (2, [])])]


def test_a_session_with_two_blockers_is_told_once():
    tree = blocking_tree([session(1), session(2), session(3, 1, 2)])

    assert sum(node.waiting for node in tree) == 1


def test_a_circle_has_its_oldest_session_at_the_root():
    tree = blocking_tree([session(1, 2, seconds=1), session(2, 1, seconds=5)])

    assert shape(tree) == [(2, [(1, [])])]


def test_a_session_that_waits_for_itself_ends():
    assert shape(blocking_tree([session(1, 1)])) == [(1, [])]


def test_a_blocker_of_which_only_the_pid_is_known_is_named():
    [root] = blocking_tree([session(2, 0)])

    assert (root.pid, root.session) == (0, None)


def test_nobody_waits_and_there_is_no_tree():
    assert blocking_tree([session(1), session(2)]) == []


def test_a_crowd_is_cut():
    crowd = blocking_tree([session(1), *(session(pid, 1) for pid in range(2, 500))])
    chain = blocking_tree([session(1), *(session(pid, pid - 1) for pid in range(2, 500))])

    assert crowd[0].waiting == NODES_MAX - 1
    assert chain[0].waiting <= NODES_MAX
    assert len(chain) <= NODES_MAX // DEPTH_MAX + 1
