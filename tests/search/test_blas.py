"""The matrix products of a search use one thread."""

from threadpoolctl import threadpool_info, threadpool_limits

from tfstab.search.blas import one_thread


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_in_a_search_there_is_one_thread_and_afterwards_as_many_as_before():
    with threadpool_limits(2, "blas"):
        for _ in range(2):
            with one_thread():
                assert threads() == {1}
            assert threads() == {2}
